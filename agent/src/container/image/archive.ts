import type { FileSystem } from '../../state/file-system.ts';
import type { ImageBlob, ImageManifest } from './manifest.ts';
import { TAR_END, tarHeader, tarPadding } from './tar.ts';

export type ArchivePorts = { fs: FileSystem; pathOf: (blob: ImageBlob) => string };

/**
 * The tar that an engine loads, as its parts: an OCI layout and, over the same blobs, the `manifest.json` of `docker save`. Engines
 * with the containerd store read the first, older ones the second; layers stay compressed, both unpack them. `tag` is
 * `repository:tag`, which is how the image is found again.
 */
export async function* imageArchive(
  ports: ArchivePorts,
  image: ImageManifest,
  manifest: ImageBlob,
  tag: string,
): AsyncGenerator<Uint8Array> {
  yield* file('oci-layout', JSON.stringify({ imageLayoutVersion: '1.0.0' }));
  yield* file('index.json', JSON.stringify(indexOf(image, manifest, tag)));
  yield* file('manifest.json', JSON.stringify([saveEntryOf(image, tag)]));
  const blobs = new Map([manifest, image.config, ...image.layers].map((blob) => [blob.sha256, blob]));
  for (const blob of blobs.values()) {
    yield tarHeader(blobPath(blob), blob.sizeBytes);
    if (blob.sizeBytes > 0) yield* ports.fs.chunks(ports.pathOf(blob));
    yield tarPadding(blob.sizeBytes);
  }
  yield TAR_END;
}

function* file(path: string, text: string): Generator<Uint8Array> {
  const bytes = Buffer.from(text);
  yield tarHeader(path, bytes.length);
  yield bytes;
  yield tarPadding(bytes.length);
}

function indexOf({ mediaType }: ImageManifest, { sha256, sizeBytes }: ImageBlob, tag: string) {
  const annotations = { 'io.containerd.image.name': `docker.io/${tag}`, 'org.opencontainers.image.ref.name': tag };
  return {
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.index.v1+json',
    manifests: [{ mediaType, digest: `sha256:${sha256}`, size: sizeBytes, annotations }],
  };
}

function saveEntryOf({ config, layers }: ImageManifest, tag: string) {
  return { Config: blobPath(config), RepoTags: [tag], Layers: layers.map(blobPath) };
}

function blobPath({ sha256 }: ImageBlob): string {
  return `blobs/sha256/${sha256}`;
}
