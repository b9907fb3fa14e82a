import { type Release, ReleaseInput } from '@flotilla/protocol';
import { formatCount, formatNumber, formatQuantity, NBSP } from '../ui/format.ts';

/** The synthetic input as the protocol has it; only what differs is said. */
export const usual = usualSynthetic();

function usualSynthetic(): Extract<ReleaseInput, { source: 'synthetic' }> {
  const input = ReleaseInput.parse({ source: 'synthetic', generator: 'vibration' });
  if (input.source !== 'synthetic') throw new Error('the protocol made another input of a synthetic one');
  return input;
}

/** Where a release's inputs come from: "synthetic vibration, 20 a second at 1,800 rpm". */
export function inputText(input: ReleaseInput): string {
  switch (input.source) {
    case 'http':
      return 'requests over HTTP';
    case 'folder':
      return `files in ${input.path}, ${short(input.ratePerS)} a second`;
    case 'synthetic': {
      const noise = input.noise === usual.noise ? '' : `, noise ${short(input.noise)}`;
      const drift = input.drift === usual.drift ? '' : `, drift ${short(input.drift)}`;
      return `synthetic vibration, ${short(input.ratePerS)} a second at ${formatCount(input.speedRpm)}${NBSP}rpm${noise}${drift}`;
    }
  }
}

/** What a device checks before it serves: "golden outputs within 0.001, p95 at most 10.0 ms". */
export function proofText({ tolerance, maxLatencyP95Ms, minAccuracy }: Release['proof']): string {
  return [
    `golden outputs within ${tolerance}`,
    maxLatencyP95Ms === undefined ? null : `p95 at most ${formatQuantity(maxLatencyP95Ms, 'ms')}`,
    minAccuracy === undefined ? null : `accuracy at least ${formatQuantity(minAccuracy, 'ratio')}`,
  ]
    .filter((part) => part !== null)
    .join(', ');
}

/** "1 thread", "4 threads", or that each device chooses. */
export function threadsText(threads: number | undefined): string {
  if (threads === undefined) return 'threads by device';
  return `${threads}${NBSP}${threads === 1 ? 'thread' : 'threads'}`;
}

function short(value: number): string {
  return formatNumber(value, Number.isInteger(value) ? 0 : value < 1 ? 2 : 1);
}
