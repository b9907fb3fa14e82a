import * as z from 'zod';
import { ReasonError } from '../../reason-error.ts';

/** Manifests are small; what is longer is not one. */
export const MAX_MANIFEST_BYTES = 4 * 1024 * 1024;

/** More layers than overlay file systems mount. */
const MAX_LAYERS = 128;

const INDEX_TYPES = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
];
export const MANIFEST_TYPES = [
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
];

/** For the `Accept` header: without it some registries answer in a format of 2014. */
export const ACCEPTED_TYPES = [...MANIFEST_TYPES, ...INDEX_TYPES].join(', ');

const Digest = z.string().regex(/^sha256:[0-9a-f]{64}$/);
const Descriptor = z.looseObject({ mediaType: z.string().optional(), digest: Digest, size: z.number().int().min(0) });

const Manifest = z.looseObject({
  schemaVersion: z.literal(2),
  mediaType: z.string().optional(),
  config: Descriptor,
  layers: z.array(Descriptor).min(1).max(MAX_LAYERS),
});
const Index = z.looseObject({
  schemaVersion: z.literal(2),
  manifests: z.array(
    Descriptor.extend({
      platform: z.looseObject({ os: z.string(), architecture: z.string(), variant: z.string().optional() }).optional(),
    }),
  ),
});

/** A blob of an image: `sha256` is hex. */
export type ImageBlob = { sha256: string; sizeBytes: number };

/** An image that this device can run. `mediaType` is its manifest's, `id` its configuration's digest. */
export type ImageManifest = { mediaType: string; config: ImageBlob; layers: ImageBlob[] };

/** What a manifest's bytes say: an image, or the digest of the image for this platform. */
export function readManifest(
  bytes: Uint8Array,
  platform: { architecture: string },
): { image: ImageManifest } | { next: ImageBlob } {
  const json = parse(bytes);
  const image = Manifest.safeParse(json);
  if (image.success) {
    const { mediaType = MANIFEST_TYPES[0] ?? '', config, layers } = image.data;
    return { image: { mediaType, config: blobOf(config), layers: layers.map(blobOf) } };
  }
  const index = Index.safeParse(json);
  if (!index.success) throw new ReasonError('release.malformed', 'the registry gave something that is no image');
  const fitting = index.data.manifests.find(
    (each) => each.platform?.os === 'linux' && each.platform.architecture === platform.architecture,
  );
  if (!fitting) {
    const known = index.data.manifests.map((each) => `${each.platform?.os}/${each.platform?.architecture}`).join(', ');
    throw new ReasonError('release.platform', `linux/${platform.architecture} is not among ${known.slice(0, 300)}`);
  }
  return { next: blobOf(fitting) };
}

/** Names of processors as images have them. */
export function architectureOf(arch: string): string {
  return arch === 'x64' ? 'amd64' : arch;
}

function blobOf({ digest, size }: z.infer<typeof Descriptor>): ImageBlob {
  return { sha256: digest.slice('sha256:'.length), sizeBytes: size };
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch (cause) {
    throw new ReasonError('release.malformed', 'the manifest of the image is not JSON', { cause });
  }
}
