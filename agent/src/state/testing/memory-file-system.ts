import { dirname, join, normalize } from 'node:path';
import type { FileSystem, OpenFile } from '../file-system.ts';

/** What survives of what was not synced: names and bytes independently, because real file systems order them freely. */
export const cutVariants = [
  { names: 'synced', bytes: 'synced' },
  { names: 'live', bytes: 'synced' },
  { names: 'live', bytes: 'torn' },
  { names: 'synced', bytes: 'live' },
  { names: 'live', bytes: 'live' },
] as const;
export type CutVariant = (typeof cutVariants)[number];

export class PowerCut extends Error {}

type Inode = { live: Buffer; synced: Buffer };

/**
 * A disk that can lose its power. Each operation counts as one point; at point `cutAt` the power goes: that operation and
 * all later ones fail. `afterPowerCut` gives the disk as the next start finds it.
 */
export class MemoryFileSystem implements FileSystem {
  operations = 0;
  cutAt = Number.POSITIVE_INFINITY;
  readonly #live: Map<string, Inode>;
  readonly #synced: Map<string, Inode>;

  constructor(files: Map<string, Inode> = new Map()) {
    this.#live = files;
    this.#synced = new Map(files);
  }

  afterPowerCut(variant: CutVariant): MemoryFileSystem {
    const files = new Map<string, Inode>();
    for (const [path, inode] of variant.names === 'live' ? this.#live : this.#synced) {
      const bytes = survivingBytes(inode, variant.bytes);
      files.set(path, { live: bytes, synced: bytes });
    }
    return new MemoryFileSystem(files);
  }

  async makeDir() {
    this.#point();
  }

  async create(path: string): Promise<OpenFile> {
    this.#point();
    const inode = { live: Buffer.alloc(0), synced: Buffer.alloc(0) };
    this.#live.set(normalize(path), inode);
    return this.#open(inode);
  }

  async append(path: string): Promise<OpenFile> {
    this.#point();
    const inode = this.#live.get(normalize(path)) ?? { live: Buffer.alloc(0), synced: Buffer.alloc(0) };
    this.#live.set(normalize(path), inode);
    return this.#open(inode);
  }

  async read(path: string) {
    return this.#live.get(normalize(path))?.live ?? null;
  }

  async *chunks(path: string) {
    const bytes = await this.read(path);
    if (!bytes) throw missing(path);
    for (let at = 0; at < bytes.length; at += 64) yield bytes.subarray(at, at + 64);
  }

  async sizeBytes(path: string) {
    return this.#live.get(normalize(path))?.live.length ?? null;
  }

  async truncate(path: string, sizeBytes: number) {
    this.#point();
    const inode = this.#existing(path);
    inode.live = inode.live.subarray(0, sizeBytes);
  }

  async link(from: string, to: string) {
    this.#point();
    this.#live.set(normalize(to), this.#existing(from));
  }

  async rename(from: string, to: string) {
    this.#point();
    const inode = this.#existing(from);
    this.#live.delete(normalize(from));
    this.#live.set(normalize(to), inode);
  }

  async unlink(path: string) {
    this.#point();
    this.#live.delete(normalize(path));
  }

  async removeTree(path: string) {
    for (const each of [...this.#live.keys()]) if (isWithin(each, path)) await this.unlink(each);
  }

  async list(path: string) {
    const names = [...this.#live.keys()].filter((each) => isWithin(each, path) && each !== normalize(path));
    return [...new Set(names.map((each) => each.slice(join(path, '/').length).split('/')[0] ?? ''))].sort();
  }

  async syncDir(path: string) {
    this.#point();
    for (const each of this.#synced.keys()) if (dirname(each) === normalize(path)) this.#synced.delete(each);
    for (const [each, inode] of this.#live) if (dirname(each) === normalize(path)) this.#synced.set(each, inode);
  }

  #open(inode: Inode): OpenFile {
    return {
      write: async (data) => {
        this.#point(() => {
          inode.live = Buffer.concat([inode.live, data.subarray(0, data.length >> 1)]);
        });
        inode.live = Buffer.concat([inode.live, data]);
      },
      sync: async () => {
        this.#point();
        inode.synced = inode.live;
      },
      close: async () => {},
    };
  }

  #point(half: () => void = () => {}) {
    this.operations += 1;
    if (this.operations === this.cutAt) half();
    if (this.operations >= this.cutAt) throw new PowerCut(`power cut at operation ${this.operations}`);
  }

  #existing(path: string): Inode {
    const inode = this.#live.get(normalize(path));
    if (!inode) throw missing(path);
    return inode;
  }
}

function survivingBytes({ live, synced }: Inode, kept: CutVariant['bytes']): Buffer {
  if (kept === 'live') return live;
  if (kept === 'synced') return synced;
  return live.subarray(0, synced.length + ((live.length - synced.length) >> 1));
}

function isWithin(path: string, folder: string): boolean {
  return path === normalize(folder) || path.startsWith(join(folder, '/'));
}

function missing(path: string): Error {
  return Object.assign(new Error(`ENOENT: ${path}`), { code: 'ENOENT' });
}
