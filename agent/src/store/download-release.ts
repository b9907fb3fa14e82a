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
  const heldBefore = new Map<string, number>();
  for (const file of files) {
    const held = Math.min(file.sizeBytes, await ports.store.heldBytes(file));
    heldBefore.set(file.sha256, held);
    bytes += held;
  }
  onProgress({ bytes, totalBytes });
  await ensureRoom(ports.freeBytes, totalBytes - bytes + extraBytes);
  for (const file of files) {
    signal.throwIfAborted();
    await ports.store.inTurn(file, async () => {
      const others = bytes - (heldBefore.get(file.sha256) ?? 0);
      const advance = (held: number) => {
        bytes = others + held;
        onProgress({ bytes, totalBytes });
      };
      if (await ports.store.isHeld(file)) advance(file.sizeBytes);
      else await download(ports, file, signal, advance);
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
