/**
 * Waits until `look` gives something other than null, undefined or false; throws with `what` when the time is over. As a function it is
 * asked then, and can say where things stand instead.
 */
export async function until<T>(
  what: string | (() => string),
  look: () => T | Promise<T>,
  timeoutMs = 40_000,
): Promise<Exclude<T, null | undefined | false>> {
  const deadlineMs = performance.now() + timeoutMs;
  for (let looks = 0; ; looks++) {
    const found = await look();
    if (found !== null && found !== undefined && found !== false) return found as Exclude<T, null | undefined | false>;
    if (performance.now() > deadlineMs) {
      throw new Error(`never happened within ${timeoutMs} ms: ${typeof what === 'string' ? what : what()}`);
    }
    // Most things happen at once: look often at first.
    await new Promise((resolve) => (looks < 100 ? setImmediate(resolve) : setTimeout(resolve, 10)));
  }
}
