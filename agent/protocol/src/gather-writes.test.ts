import { PassThrough, Writable } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { gatherWrites } from './gather-writes.ts';

/** Remembers in what pieces its bytes left. */
function recorder() {
  const left: string[] = [];
  const stream = new Writable({
    decodeStrings: false,
    write: (chunk: string, _encoding, done) => {
      left.push(chunk);
      done();
    },
    writev: (chunks, done) => {
      left.push(chunks.map(({ chunk }) => chunk).join(''));
      done();
    },
  });
  return { stream, left };
}

test('what is written in one turn leaves at once, in order, also when it is written behind promises', async () => {
  const { stream, left } = recorder();
  gatherWrites(stream);
  stream.write('a');
  await Promise.resolve();
  stream.write('b');
  process.nextTick(() => stream.write('c'));
  expect(left).toEqual([]);
  await turn();
  expect(left).toEqual(['abc']);
  stream.write('d');
  await turn();
  expect(left).toEqual(['abc', 'd']);
});

test('an end sends what was gathered before', async () => {
  const stream = new PassThrough({ encoding: 'utf8' });
  gatherWrites(stream);
  stream.write('a');
  stream.end('b');
  const read: string[] = [];
  for await (const chunk of stream) read.push(String(chunk));
  expect(read.join('')).toBe('ab');
});

test('a stream that breaks in between does no harm', async () => {
  const { stream, left } = recorder();
  stream.on('error', () => undefined);
  gatherWrites(stream);
  stream.write('a');
  stream.destroy(new Error('broken'));
  await turn();
  expect(left).toEqual([]);
  expect(stream.write('b')).toBe(false);
  await turn();
});
