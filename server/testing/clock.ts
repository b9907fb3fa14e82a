/** A clock that a test moves by hand. It starts at the real time, which the database's own defaults have too. */
export function testClock(start = new Date()): { now: () => Date; forwardMs: (ms: number) => void } {
  let nowMs = start.getTime();
  return {
    now: () => new Date(nowMs),
    forwardMs: (ms) => {
      nowMs += ms;
    },
  };
}
