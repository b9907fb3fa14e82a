import type { IncomingMessage } from 'node:http';
import type { ReleaseFile } from '@flotilla/protocol';
import { messageOf } from '../logger.ts';
import { ReasonError, reasonErrorOf } from '../reason-error.ts';
import type { FileSystem } from '../state/file-system.ts';
import type { ArtifactStore } from './artifact-store.ts';
import { Pace } from './pace.ts';

/** The slowest a download may be: fewer bytes than this in the time, and it ends (endless-data and slow-retrieval attacks). */
export type SpeedLimit = { minBytes: number; perMs: number };
export const SLOWEST: SpeedLimit = { minBytes: 16 * 1024, perMs: 30_000 };

/** Opens an artifact from this byte on. */
export type OpenArtifact = (sha256: string, fromByte: number, signal: AbortSignal) => Promise<IncomingMessage>;

/** What is fetched: `path` is for people. `open` when it comes from elsewhere than the artifacts of our server. */
export type DownloadItem = Pick<ReleaseFile, 'path' | 'sha256' | 'sizeBytes'> & { open?: OpenArtifact };

export type DownloadPorts = {
  fs: FileSystem;
  store: ArtifactStore;
  open: OpenArtifact;
  slowest: SpeedLimit;
  /** Absent: as fast as it comes. */
  pace?: Pace;
};

/**
 * Brings one file's bytes into the store's `.part`, going on where an earlier try stopped, and never past the signed size.
 * `onBytes` is told what is held so far. The digest is checked afterwards by {@link ArtifactStore.verify}.
 */
export async function download(
  ports: DownloadPorts,
  file: DownloadItem,
  signal: AbortSignal,
  onBytes: (heldBytes: number) => void,
): Promise<void> {
  const part = ports.store.partOf(file);
  const held = (await ports.fs.sizeBytes(part)) ?? 0;
  if (held > file.sizeBytes) await ports.fs.unlink(part);
  const from = held > file.sizeBytes ? 0 : held;
  if (file.sizeBytes === 0) return await (await ports.fs.create(part)).close();
  if (from === file.sizeBytes) return onBytes(from);
  const cut = new AbortController();
  const { pace = new Pace() } = ports;
  const watch = watchSpeed(ports.slowest, from, pace, () => cut.abort());
  const ended = AbortSignal.any([signal, cut.signal]);
  try {
    const response = await openAt(ports, file, from, ended);
    await receive(ports, response, file, response.statusCode === 206 ? from : 0, async (heldBytes, bytes) => {
      watch.count(heldBytes);
      onBytes(heldBytes);
      await pace.after(bytes, response, ended);
    });
  } catch (error) {
    if (cut.signal.aborted) throw new ReasonError('download.too_slow', `under ${watch.text}`, { cause: error });
    throw error;
  } finally {
    watch.stop();
  }
}

async function openAt(
  ports: DownloadPorts,
  file: DownloadItem,
  from: number,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const open = file.open ?? ports.open;
  const response = await open(file.sha256, from, signal).catch((error: unknown) => {
    if (error instanceof ReasonError) throw error;
    throw new ReasonError('download.network', messageOf(error), { cause: error });
  });
  const status = response.statusCode ?? 0;
  if (status === 200 || status === 206) return response;
  response.destroy();
  if (status === 416) await ports.fs.unlink(ports.store.partOf(file));
  const isPassing = status >= 500 || status === 416 || status === 429 || status === 401;
  const detail = `the server answered with status ${status} for ${file.path}`;
  throw new ReasonError(isPassing ? 'download.network' : 'download.not_found', detail);
}

async function receive(
  ports: DownloadPorts,
  response: IncomingMessage,
  file: DownloadItem,
  start: number,
  onBytes: (heldBytes: number, bytes: number) => Promise<void>,
): Promise<void> {
  const part = ports.store.partOf(file);
  const out = await onDisk(start === 0 ? ports.fs.create(part) : ports.fs.append(part));
  let held = start;
  try {
    for await (const chunk of arriving(response)) {
      if (chunk.length > file.sizeBytes - held) {
        throw new ReasonError('download.too_large', `more than ${file.sizeBytes} bytes of ${file.path}`);
      }
      await onDisk(out.write(chunk));
      held += chunk.length;
      await onBytes(held, chunk.length);
    }
    await onDisk(out.sync());
  } finally {
    response.destroy();
    await out.close();
  }
  if (held < file.sizeBytes) throw new ReasonError('download.network', `ended at byte ${held} of ${file.sizeBytes}`);
}

/** A failure of the disk, told from one of the network. */
function onDisk<T>(work: Promise<T>): Promise<T> {
  return work.catch((error: unknown) => Promise.reject(reasonErrorOf(error)));
}

async function* arriving(response: IncomingMessage): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of response) yield chunk;
  } catch (error) {
    if (error instanceof ReasonError) throw error;
    throw new ReasonError('download.network', messageOf(error), { cause: error });
  }
}

function watchSpeed(slowest: SpeedLimit, fromByte: number, pace: Pace, onTooSlow: () => void) {
  let held = fromByte;
  let before = fromByte;
  let sinceMs = performance.now();
  const timer = setInterval(() => {
    // Time in which we held the sender back says nothing about how fast it is.
    if (held - before < slowest.minBytes && !pace.hasHeldSince(sinceMs)) onTooSlow();
    before = held;
    sinceMs = performance.now();
  }, slowest.perMs);
  return {
    text: `${slowest.minBytes} bytes in ${slowest.perMs} ms`,
    count(heldBytes: number) {
      held = heldBytes;
    },
    stop: () => clearInterval(timer),
  };
}
