/** A difference below this is the network, not the clock. */
const TOLERANCE_MS = 2_000;

/** Server clock minus device clock, from a message's own time; 0 when they agree. */
export function clockOffsetMs(sentAtMs: number, receivedAt: Date): number {
  const offset = receivedAt.getTime() - sentAtMs;
  return Math.abs(offset) <= TOLERANCE_MS ? 0 : offset;
}

/** A device's time on the server's clock, never in the future of its arrival. */
export function correctedTime(deviceMs: number, offsetMs: number, receivedAt: Date): Date {
  return new Date(Math.min(deviceMs + offsetMs, receivedAt.getTime()));
}
