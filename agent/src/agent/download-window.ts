import { windowAt } from '@flotilla/protocol';
import { ReasonError } from '../reason-error.ts';
import type { SlotState } from '../slot/state.ts';
import { windowOf } from '../slot/windows.ts';
import type { ArtifactStore } from '../store/artifact-store.ts';
import type { DownloadItem } from '../store/download.ts';

/** The clock may be set while a download runs, so the window is looked at this often. */
const LOOK_EVERY_MS = 5_000;

/**
 * Downloads while the window of this slot is open, and stops when it closes; what has arrived stays. What is held already needs no
 * window. @throws ReasonError `window.download` when it is closed.
 */
export async function withinWindow(
  state: SlotState,
  { store, now }: { store: ArtifactStore; now: () => number },
  items: DownloadItem[],
  signal: AbortSignal,
  download: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const window = windowOf('downloading', state);
  const isHeld = await Promise.all(items.map((item) => store.isHeld(item)));
  if (!window || isHeld.every(Boolean)) return await download(signal);
  const isOpen = () => windowAt(window, now()).isOpen;
  const closed = new ReasonError('window.download', 'the window is closed');
  if (!isOpen()) throw closed;
  const closing = new AbortController();
  const looking = setInterval(() => {
    if (!isOpen()) closing.abort();
  }, LOOK_EVERY_MS);
  try {
    await download(AbortSignal.any([signal, closing.signal]));
  } catch (error) {
    throw closing.signal.aborted && !signal.aborted ? closed : error;
  } finally {
    clearInterval(looking);
  }
}
