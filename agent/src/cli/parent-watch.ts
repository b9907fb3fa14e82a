/** How often the parent is looked for. */
const LOOK_EVERY_MS = 500;

/** Calls back once when the process that started this one is gone: its IPC channel closes, or another adopts us. */
export function watchParent(onGone: () => void): void {
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid !== parent) onGone();
  }, LOOK_EVERY_MS);
  timer.unref();
  if (process.connected) process.once('disconnect', onGone);
}
