import type { HandOver, handOverSteps } from '@flotilla/protocol';
import { formatNumber, NBSP } from '../../ui/format.ts';

const MIB = 1_048_576;

/** What had happened by each step, as the end of "after 0.4 s …". Steps of newer agents are left out. */
const words: Record<(typeof handOverSteps)[number], string> = {
  'endpoint-closed': 'requests were no longer answered',
  'old-stopped': 'the version in service had ended',
  'candidate-started': 'the candidate ran',
  'candidate-proved': 'it was proved',
};

/** How the candidate was proved while another version served: beside it, or in its place for want of memory, with the order of events. */
export function handOverSentence({ kind, neededBytes, availableBytes, steps = [] }: HandOver): string {
  if (kind === 'beside') return 'Proved beside the version in service, which answered all the while.';
  const memory =
    neededBytes === undefined || availableBytes === undefined
      ? 'for want of memory'
      : `for want of memory (${mib(neededBytes)} needed, ${mib(availableBytes)} free)`;
  const start = steps[0]?.at ?? 0;
  const events = steps.flatMap(({ step, at }) => {
    const word = Object.entries(words).find(([name]) => name === step)?.[1];
    return word ? [`after ${formatNumber((at - start) / 1000, 1)}${NBSP}s ${word}`] : [];
  });
  const order = events.length > 0 ? `: ${events.join(', ')}` : '';
  return `The version in service was stopped first, ${memory}${order}.`;
}

const mib = (bytes: number) => `${formatNumber(bytes / MIB, 0)}${NBSP}MiB`;
