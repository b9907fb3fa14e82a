import { dirname, join, normalize } from 'node:path';
import type { FileSystem, OpenFile } from '../file-system.ts';

/**
 * What survives of what was not synced: names and bytes independently, because real file systems order them freely.
 * `half`: the older half of the names' changes. `zeros`: the length was kept, the bytes were not. `mixed`: each file fares
 * differently.
 */
export const cutVariants = [
  { names: 'synced', bytes: 'synced' },
  { names: 'live', bytes: 'synced' },
  { names: 'live', bytes: 'torn' },
  { names: 'synced', bytes: 'live' },
  { names: 'live', bytes: 'live' },
  { names: 'live', bytes: 'zeros' },
  { names: 'half', bytes: 'torn' },
  { names: 'live', bytes: 'mixed' },
] as const;
export type CutVariant = (typeof cutVariants)[number];

export class PowerCut extends Error {}

type Inode = { live: Buffer; synced: Buffer };

/** Operations that need room on the disk; the others work on a full one. */
export type DiskOperation = 'grow' | 'sync' | 'shrink';

/**
 * A disk that can lose its power. Each operation counts as one point; at point `cutAt` the power goes: that operation and
 * all later ones fail. `afterPowerCut` gives the disk as the next start finds it, `afterKill` as a new process finds it
 * that was started at once: everything is there, and what was not synced still is not. `fault` may refuse an operation.
 */
export class MemoryFileSystem implements FileSystem {
  operations = 0;
  cutAt = Number.POSITIVE_INFINITY;
  fault: (operation: number, kind: DiskOperation) => Error | null = () => null;
  readonly #live: Map<string, Inode>;
  #synced: Map<string, Inode>;
  /** The names after each change since a folder was last synced. */
  #history: Map<string, Inode>[] = [];

  constructor(files: Map<string, Inode> = new Map(), synced: Map<string, Inode> = files) {
    this.#live = files;
    this.#synced = new Map(synced);
  }

  afterPowerCut(variant: CutVariant): MemoryFileSystem {
    const half = this.#history[this.#history.length >> 1] ?? this.#live;
    const names = { live: this.#live, synced: this.#synced, half }[variant.names];
    const files = new Map<string, Inode>();
    let nth = 0;
    for (const [path, inode] of names) {
      const kept = variant.bytes === 'mixed' ? (mixture[nth++ % mixture.length] ?? 'live') : variant.bytes;
      const bytes = survivingBytes(inode, kept);
      files.set(path, { live: bytes, synced: bytes });
    }
    return new MemoryFileSystem(files);
  }

  afterKill(): MemoryFileSystem {
    const copies = new Map<Inode, Inode>();
    const copyOf = (inode: Inode) => {
      const copy = copies.get(inode) ?? { ...inode };
      copies.set(inode, copy);
      return copy;
    };
    const copied = (names: Map<string, Inode>) => new Map([...names].map(([path, inode]) => [path, copyOf(inode)]));
    return new MemoryFileSystem(copied(this.#live), copied(this.#synced));
  }

  async makeDir() {
    this.#point('sync');
  }

  async create(path: string): Promise<OpenFile> {
    this.#point('grow');
    const inode = this.#named(path);
    inode.live = Buffer.alloc(0);
    return this.#open(inode);
  }

  async append(path: string): Promise<OpenFile> {
    this.#point(this.#live.has(normalize(path)) ? 'sync' : 'grow');
    return this.#open(this.#named(path));
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
    this.#point('shrink');
    const inode = this.#existing(path);
    inode.live = inode.live.subarray(0, sizeBytes);
  }

  async link(from: string, to: string) {
    if (this.#live.has(normalize(to))) await this.unlink(to);
    this.#point('grow');
    this.#live.set(normalize(to), this.#existing(from));
    this.#renamed();
  }

  async rename(from: string, to: string) {
    this.#point('grow');
    const inode = this.#existing(from);
    this.#live.delete(normalize(from));
    this.#live.set(normalize(to), inode);
    this.#renamed();
  }

  async unlink(path: string) {
    this.#point('shrink');
    this.#live.delete(normalize(path));
    this.#renamed();
  }

  async removeTree(path: string) {
    for (const each of [...this.#live.keys()]) if (isWithin(each, path)) await this.unlink(each);
  }

  async list(path: string) {
    const names = [...this.#live.keys()].filter((each) => isWithin(each, path) && each !== normalize(path));
    return [...new Set(names.map((each) => each.slice(join(path, '/').length).split('/')[0] ?? ''))].sort();
  }

  async syncDir(path: string) {
    this.#point('sync');
    for (const each of this.#synced.keys()) if (dirname(each) === normalize(path)) this.#synced.delete(each);
    for (const [each, inode] of this.#live) if (dirname(each) === normalize(path)) this.#synced.set(each, inode);
    this.#history = [];
  }

  /** Opening a file that is there empties the same file, as `O_TRUNC` does: what it held may be lost. */
  #named(path: string): Inode {
    const found = this.#live.get(normalize(path));
    if (found) return found;
    const inode = { live: Buffer.alloc(0), synced: Buffer.alloc(0) };
    this.#live.set(normalize(path), inode);
    this.#renamed();
    return inode;
  }

  #renamed(): void {
    this.#history.push(new Map(this.#live));
  }

  #open(inode: Inode): OpenFile {
    return {
      write: async (data) => {
        this.#point('grow', () => {
          inode.live = Buffer.concat([inode.live, data.subarray(0, data.length >> 1)]);
        });
        inode.live = Buffer.concat([inode.live, data]);
      },
      sync: async () => {
        this.#point('sync');
        inode.synced = inode.live;
      },
      close: async () => {},
    };
  }

  #point(kind: DiskOperation, half: () => void = () => {}) {
    this.operations += 1;
    const fault =
      this.operations >= this.cutAt
        ? new PowerCut(`power cut at operation ${this.operations}`)
        : this.fault(this.operations, kind);
    if (!fault) return;
    if (this.operations <= this.cutAt) half();
    throw fault;
  }

  #existing(path: string): Inode {
    const inode = this.#live.get(normalize(path));
    if (!inode) throw missing(path);
    return inode;
  }
}

const mixture = ['synced', 'torn', 'live', 'zeros'] as const;

function survivingBytes({ live, synced }: Inode, kept: Exclude<CutVariant['bytes'], 'mixed'>): Buffer {
  if (kept === 'live') return live;
  if (kept === 'synced') return synced;
  if (kept === 'zeros') return Buffer.concat([synced, Buffer.alloc(Math.max(0, live.length - synced.length))]);
  return live.subarray(0, synced.length + ((live.length - synced.length) >> 1));
}

function isWithin(path: string, folder: string): boolean {
  return path === normalize(folder) || path.startsWith(join(folder, '/'));
}

function missing(path: string): Error {
  return Object.assign(new Error(`ENOENT: ${path}`), { code: 'ENOENT' });
}
