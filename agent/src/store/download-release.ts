import { ReasonError } from '../reason-error.ts';
import { type DownloadItem, type DownloadPorts, download } from './download.ts';

/** Room that always stays free, for the spool, the journals and the rest of the machine. */
const RESERVE_BYTES = 32 * 1024 * 1024;

/**
 * Fetches what the device does not hold yet of these. `freeBytes` is the disk's; everything must fit beside what is in
 * service, with `extraBytes` for what is made of it later, before the first byte is asked for.
 */
export async function downloadRelease(
  ports: DownloadPorts & { freeBytes: () => Promise<number> },
  items: DownloadItem[],
  signal: AbortSignal,
  onProgress: (progress: { bytes: number; totalBytes: number }) => void,
  extraBytes = 0,
): Promise<void> {
  const files = distinct(items);
  const totalBytes = files.reduce((sum, file) => sum + file.sizeBytes, 0);
  let bytes = 0;
  for (const file of files) bytes += Math.min(file.sizeBytes, await ports.store.heldBytes(file));
  onProgress({ bytes, totalBytes });
  await ensureRoom(ports.freeBytes, totalBytes - bytes + extraBytes);
  for (const file of files) {
    signal.throwIfAborted();
    if (await ports.store.isHeld(file)) continue;
    const others = bytes - Math.min(file.sizeBytes, await ports.store.heldBytes(file));
    await download(ports, file, signal, (held) => {
      bytes = others + held;
      onProgress({ bytes, totalBytes });
    });
  }
}

async function ensureRoom(freeBytes: () => Promise<number>, neededBytes: number): Promise<void> {
  const free = await freeBytes();
  if (neededBytes === 0 || free >= neededBytes + RESERVE_BYTES) return;
  throw new ReasonError(
    'storage.full',
    `needs ${neededBytes} bytes beside ${RESERVE_BYTES} in reserve, ${free} are free`,
  );
}

/** Two paths of one release may have the same content. */
export function distinct<T extends { sha256: string }>(files: T[]): T[] {
  return [...new Map(files.map((file) => [file.sha256, file])).values()];
}
