import type { Aedes } from 'aedes';

/**
 * Takes every message once more, for nobody. The broker deals with a message that nobody takes inside the one before it: when thousands pile up
 * behind a reader who stalls, that overflows the stack and ends the process. One that is taken is dealt with in a turn of its own.
 */
export function takeAll(aedes: Pick<Aedes, 'subscribe'>): void {
  aedes.subscribe(
    '#',
    (_packet, done) => void setImmediate(done),
    () => undefined,
  );
}
