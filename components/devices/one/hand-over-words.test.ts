import { expect, it } from 'vitest';
import { handOverSentence } from './hand-over-words.ts';

const plain = (text: string) => text.replaceAll('\u00a0', ' ');

it('says that nobody went without an answer', () => {
  expect(handOverSentence({ kind: 'beside' })).toBe(
    'Proved beside the version in service, which answered all the while.',
  );
});

it('says what was stopped first, why, and what came when', () => {
  const steps = [
    { step: 'endpoint-closed', at: 1_000 },
    { step: 'old-stopped', at: 1_210 },
    { step: 'something-new', at: 1_220 },
    { step: 'candidate-started', at: 2_340 },
    { step: 'candidate-proved', at: 3_040 },
  ];
  const sentence = handOverSentence({
    kind: 'stop-start',
    neededBytes: 335_544_320,
    availableBytes: 104_857_600,
    steps,
  });
  expect(plain(sentence)).toBe(
    'The version in service was stopped first, for want of memory (320 MiB needed, 100 MiB free): after 0.0 s requests were ' +
      'no longer answered, after 0.2 s the version in service had ended, after 1.3 s the candidate ran, after 2.0 s it was proved.',
  );
});

it('says what it knows when an agent says less', () => {
  expect(handOverSentence({ kind: 'stop-start' })).toBe(
    'The version in service was stopped first, for want of memory.',
  );
});
