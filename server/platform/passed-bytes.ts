/** What may wait for the collector: far below the 64 MiB by which one upload may make a process grow. */
const MAX_WAITING_BYTES = 8 * 1024 ** 2;

/**
 * Keeps a long stream from filling memory with chunks that nobody needs any more: call what it returns with the length of each chunk that
 * is done. The collector runs after so many objects, and a chunk's bytes lie outside of them, so that 60 MB gather before it looks by
 * itself. A young collection takes half a millisecond. It needs `--expose-gc`; without it nothing happens.
 */
export function collectPassedBytes(): (bytes: number) => void {
  let waitingBytes = 0;
  return (bytes) => {
    waitingBytes += bytes;
    if (waitingBytes < MAX_WAITING_BYTES) return;
    waitingBytes = 0;
    globalThis.gc?.({ type: 'minor' });
  };
}
