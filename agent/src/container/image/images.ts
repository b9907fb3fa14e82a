import type { Release } from '@flotilla/protocol';
import * as z from 'zod';
import { type Logger, messageOf } from '../../logger.ts';
import { ReasonError } from '../../reason-error.ts';
import type { FileSystem } from '../../state/file-system.ts';
import type { ArtifactStore } from '../../store/artifact-store.ts';
import { type DownloadItem, SLOWEST } from '../../store/download.ts';
import { downloadRelease } from '../../store/download-release.ts';
import type { Engine } from '../engine/engine.ts';
import { type EngineImage, findImage, loadImage } from '../engine/load-image.ts';
import { type RegistryPorts, Repository } from '../registry/registry.ts';
import { imageArchive } from './archive.ts';
import { fetchManifest } from './fetch-manifest.ts';
import { type ImageReference, parseImage } from './image-reference.ts';
import { architectureOf, type ImageBlob, type ImageManifest, readManifest } from './manifest.ts';

export type ImagesPorts = RegistryPorts & {
  fs: FileSystem;
  store: ArtifactStore;
  engine: Engine;
  deviceId: string;
  arch: string;
  logger: Logger;
  freeBytes: () => Promise<number>;
};

/** Room for what an engine makes of compressed layers: a copy while it takes them, and twice their size unpacked. */
const IMAGE_ROOM_FACTOR = 3;

type Held = { image: ImageManifest; manifest: ImageBlob; digests: string[] };
const Summaries = z.array(z.looseObject({ RepoTags: z.array(z.string()).nullable() }));

/**
 * Images of this agent. Their blobs come through the agent's own store, because the engine's own pull starts from zero after
 * every cut; once the engine holds an image, checked, the blobs of its layers are let go. In the engine an image carries a tag of
 * this agent's, with the signed digest in it; images without one are nobody's business here.
 */
export class Images {
  readonly #ports: ImagesPorts;

  constructor(ports: ImagesPorts) {
    this.#ports = ports;
  }

  /** Blobs of a release's images that the engine has not got yet. Fetches manifests that are not held. */
  async missing(release: Release, signal: AbortSignal): Promise<DownloadItem[]> {
    const items: DownloadItem[] = [];
    for (const image of imagesOf(release)) {
      if (await this.find(image)) continue;
      const repository = new Repository(this.#ports, image);
      const held = (await this.#held(image)) ?? (await this.#fetch(image, repository, signal));
      const open = (sha256: string, fromByte: number, to: AbortSignal) => repository.openBlob(sha256, fromByte, to);
      const path = `a layer of ${image.repository}`;
      items.push(...blobsOf(held).map((blob) => ({ ...blob, path, open })));
    }
    return items;
  }

  /** Hands what the engine has not got to it, and checks what it made of it. */
  async load(release: Release, signal: AbortSignal): Promise<void> {
    const { fs, store, engine } = this.#ports;
    for (const image of imagesOf(release)) {
      if (await this.find(image)) continue;
      const held = await this.#held(image);
      if (!held) throw new ReasonError('download.network', `the manifest of ${image.repository} is gone`);
      const pathOf = (blob: ImageBlob) => store.pathOf(blob);
      const archive = imageArchive({ fs, pathOf }, held.image, held.manifest, this.#tagOf(image));
      await loadImage(engine, archive, signal);
      if (!(await this.find(image))) {
        await engine.remove(`/images/${this.#tagOf(image)}`);
        throw new ReasonError('verify.digest', `the engine holds another image under ${this.#tagOf(image)}`);
      }
    }
  }

  /** Bytes that the engine will need for these layers, beside themselves. */
  roomFor(blobs: DownloadItem[]): number {
    return IMAGE_ROOM_FACTOR * blobs.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  }

  /** What the engine has lost of a release that was here already, to somebody's cleaning up or with its disk, is pulled again. */
  async bringBack(release: Release, signal: AbortSignal): Promise<void> {
    const { fs, store, freeBytes, logger } = this.#ports;
    const blobs = await this.missing(release, signal);
    if (blobs.length === 0) return;
    logger.log('warn', 'the engine has lost an image: it is pulled again', { releaseId: release.id });
    const ports = { fs, store, freeBytes, slowest: SLOWEST, open: openNothing };
    await downloadRelease(ports, blobs, signal, () => {}, this.roomFor(blobs));
    for (const blob of blobs) await store.verify(blob);
    await this.load(release, signal);
  }

  /** What the engine holds for this digest; null unless it is exactly the image that was signed. */
  async find(image: ImageReference): Promise<EngineImage | null> {
    const held = await this.#held(image);
    const found = held && (await findImage(this.#ports.engine, this.#tagOf(image)));
    if (!held || !found) return null;
    const expected = [held.image.config.sha256, held.manifest.sha256, image.digest];
    return expected.some((digest) => found.Id === `sha256:${digest}`) ? found : null;
  }

  /** Files of the artifact store that these releases need for their images: manifests, and blobs that are not loaded yet. */
  async neededBlobs(releases: Release[]): Promise<string[]> {
    const needed: string[] = [];
    for (const image of releases.flatMap(imagesOf)) {
      const held = await this.#held(image).catch(() => null);
      if (held) {
        const isLoaded = await this.find(image).catch(() => null);
        needed.push(...held.digests, ...(isLoaded ? [] : blobsOf(held).map(({ sha256 }) => sha256)));
      } else needed.push(image.digest);
    }
    return needed;
  }

  /** Takes this agent's tag off every image that these releases do not need; the engine deletes what nobody names any more. */
  async prune(kept: Release[]): Promise<void> {
    const { engine, logger, deviceId } = this.#ports;
    if ((await engine.version()) === null) return;
    const wanted = new Set(kept.flatMap(imagesOf).map((image) => this.#tagOf(image)));
    const filters = JSON.stringify({ reference: [`flotilla/${deviceId}`] });
    try {
      const images = await engine.json({ method: 'GET', path: '/images/json', query: { filters } }, Summaries);
      const tags = images.flatMap(({ RepoTags }) => RepoTags ?? []);
      for (const tag of tags.filter((each) => each.startsWith(`flotilla/${deviceId}:`) && !wanted.has(each))) {
        await engine.remove(`/images/${tag}`);
        logger.log('info', `removed the image ${tag}`);
      }
    } catch (error) {
      logger.log('warn', `images were not pruned: ${messageOf(error)}`);
    }
  }

  #tagOf({ digest }: ImageReference): string {
    return `flotilla/${this.#ports.deviceId}:${digest}`;
  }

  /** What the manifests in the store say, without a network; null when one is missing. */
  async #held({ digest }: ImageReference): Promise<Held | null> {
    const { fs, store, arch } = this.#ports;
    let next: ImageBlob = { sha256: digest, sizeBytes: 0 };
    const digests: string[] = [];
    for (let hops = 0; hops < 2; hops++) {
      const bytes = await fs.read(store.pathOf(next));
      if (!bytes) return null;
      digests.push(next.sha256);
      const read = readManifest(bytes, { architecture: architectureOf(arch) });
      if ('image' in read) {
        return { image: read.image, manifest: { sha256: next.sha256, sizeBytes: bytes.length }, digests };
      }
      next = read.next;
    }
    throw new ReasonError('release.malformed', 'an index of images that names another index');
  }

  async #fetch(image: ImageReference, repository: Repository, signal: AbortSignal): Promise<Held> {
    const { fs, store, arch } = this.#ports;
    const first = await fetchManifest({ fs, store }, repository, image.digest, signal);
    const read = readManifest(first, { architecture: architectureOf(arch) });
    if ('next' in read) await fetchManifest({ fs, store }, repository, read.next.sha256, signal);
    const held = await this.#held(image);
    if (!held) throw new ReasonError('storage.io', 'a manifest was written and is not there');
    return held;
  }
}

/** Every blob of an image brings its own way to its registry. */
function openNothing(): never {
  throw new ReasonError('download.not_found', 'a blob of an image without a registry');
}

/** The images of a release, its container's first; none of a release that runs as a process. */
export function imagesOf({ runtime }: Release): ImageReference[] {
  if (runtime.kind !== 'container') return [];
  return [runtime, ...(runtime.companions ?? [])].map(({ image }) => parseImage(image));
}

function blobsOf({ image }: Held): ImageBlob[] {
  return [...new Map([image.config, ...image.layers].map((blob) => [blob.sha256, blob])).values()];
}
