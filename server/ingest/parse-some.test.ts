import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { topicOf } from '@flotilla/protocol';
import { v7 as uuidv7 } from 'uuid';
import { expect, it } from 'vitest';
import { Lane } from './lane.ts';
import type { IncomingMessage } from './parse-message.ts';
import { parseSome } from './parse-some.ts';

const told = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../agent/protocol/fixtures/v1/telemetry.json'), 'utf8'),
);
const deviceId = uuidv7();
const received = (kind: 'telemetry' | 'ack', body: object): IncomingMessage => ({
  topic: topicOf(deviceId, kind),
  payload: Buffer.from(JSON.stringify(body)),
  receivedAt: new Date(),
});
const telemetry = (seq: number, windows: number) =>
  received('telemetry', { ...told, seq, oldestSeq: 1, windows: Array(windows).fill(told.windows[0]) });

function waiting(messages: readonly IncomingMessage[]): Lane<IncomingMessage> {
  const lane = new Lane<IncomingMessage>({ maxItems: 100, maxBytes: 2 ** 20 });
  for (const each of messages) void lane.add(each, each.payload.length);
  return lane;
}

it('reads until the windows make up a batch, the last message whole, and leaves the others waiting', () => {
  const lane = waiting([1, 2, 3, 4].map((seq) => telemetry(seq, 3)));
  const seqs = (enough: number) => parseSome(lane.take(), enough).messages.map(({ body }) => 'seq' in body && body.seq);
  expect(seqs(4)).toEqual([1, 2]);
  expect(lane.size).toBe(2);
  expect(seqs(100)).toEqual([3, 4]);
});

it('tells what it refuses, passes over what is not for the server, and counts both as one', () => {
  const lane = waiting([
    received('ack', {}),
    received('telemetry', { windows: 'many' }),
    telemetry(1, 1),
    telemetry(2, 1),
  ]);
  const { messages, refusals } = parseSome(lane.take(), 3);
  expect(refusals).toMatchObject([{ deviceId, kind: 'telemetry', code: 'malformed' }]);
  expect(messages).toMatchObject([{ deviceId, kind: 'telemetry', body: { seq: 1 } }]);
  expect(lane.size).toBe(1);
});
