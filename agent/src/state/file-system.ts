/** An open file; what was written is durable only after `sync`. */
export interface OpenFile {
  write(data: Uint8Array): Promise<void>;
  sync(): Promise<void>;
  close(): Promise<void>;
}

/**
 * All that the agent's durable state needs of a file system. A new name, a rename and an unlink are durable only after
 * `syncDir` of their folder. The tests run on a model of it that keeps exactly what was synced.
 */
export interface FileSystem {
  /** Makes the folder and its parents, and makes their entries durable. */
  makeDir(path: string): Promise<void>;
  /** Opens empty, for writing. */
  create(path: string, mode?: number): Promise<OpenFile>;
  /** Opens at the end, making the file when it is missing. */
  append(path: string): Promise<OpenFile>;
  /** The whole content; null when there is no such file. */
  read(path: string): Promise<Uint8Array | null>;
  chunks(path: string): AsyncIterable<Uint8Array>;
  /** null when there is no such file. */
  sizeBytes(path: string): Promise<number | null>;
  truncate(path: string, sizeBytes: number): Promise<void>;
  /** A second name for the same bytes; a copy where the file system has no hard links. Replaces `to`. */
  link(from: string, to: string): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  /** Missing is fine. */
  unlink(path: string): Promise<void>;
  removeTree(path: string): Promise<void>;
  /** Names in a folder, sorted; none when it is missing. */
  list(path: string): Promise<string[]>;
  syncDir(path: string): Promise<void>;
}
