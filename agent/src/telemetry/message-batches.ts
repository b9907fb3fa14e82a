import { MAX_TELEMETRY_BYTES, MAX_WINDOWS_PER_MESSAGE, type Window } from '@flotilla/protocol';

/** Windows of one message together: the spool's numbers and times in its head need room below the protocol's bound. */
const MAX_BATCH_BYTES = MAX_TELEMETRY_BYTES - 8 * 1024;

/**
 * Cuts windows into messages that the protocol takes, by bytes as well as by number. A window that is too long by itself loses its single
 * predictions, then what was counted of its inputs: neither is worth the loss of the rest.
 */
export function batchesOf(windows: readonly Window[]): Window[][] {
  const batches: Window[][] = [];
  let roomBytes = 0;
  for (const window of windows.map(fitted)) {
    const sizeBytes = bytesOf(window);
    if (sizeBytes > roomBytes || (batches.at(-1)?.length ?? 0) >= MAX_WINDOWS_PER_MESSAGE) {
      batches.push([]);
      roomBytes = MAX_BATCH_BYTES;
    }
    batches.at(-1)?.push(window);
    roomBytes -= sizeBytes;
  }
  return batches;
}

function fitted(window: Window): Window {
  if (bytesOf(window) <= MAX_BATCH_BYTES) return window;
  const { predictions: _, ...withoutPredictions } = window;
  if (bytesOf(withoutPredictions) <= MAX_BATCH_BYTES) return withoutPredictions;
  const { inputs: __, ...rest } = withoutPredictions;
  return rest;
}

/** With the comma behind it. */
function bytesOf(window: Window): number {
  return Buffer.byteLength(JSON.stringify(window)) + 1;
}
