import { topicOf } from '@flotilla/protocol';
import { describe, expect, it } from 'vitest';
import { mayReceive } from './broker-acl.ts';
import { brokerMemory, matches } from './broker-memory.ts';

const [mine, other] = ['019aa000-0000-7000-8000-000000000001', '019aa000-0000-7000-8000-000000000002'];
const message = (topic: string, text = 'x') => ({
  cmd: 'publish',
  topic,
  payload: Buffer.from(text),
  qos: 1,
  retain: false,
});
const topics = async (stream: AsyncIterable<{ topic: string }>) => {
  const found: string[] = [];
  for await (const { topic } of stream) found.push(topic);
  return found;
};

describe('what the broker remembers of a device that is away', () => {
  it('is bounded: the newest 500 messages, and its own filters however many it asked for', async () => {
    const memory = brokerMemory();
    for (let id = 0; id < 600; id++)
      await memory.outgoingEnqueue({ clientId: mine }, message(topicOf(mine, 'cmd', `${id}`)));
    const queued = await topics(memory.outgoingStream({ id: mine }));
    expect(queued).toHaveLength(500);
    expect(queued.at(-1)).toBe(topicOf(mine, 'cmd', '599'));
    const foreign = Array.from({ length: 1_000 }, (_, index) => ({ topic: `flotilla/v1/${index}`, qos: 1 }));
    await memory.addSubscriptions({ id: mine }, [...foreign, { topic: topicOf(mine, 'ack'), qos: 1 }]);
    expect(await memory.subscriptionsByClient({ id: mine })).toEqual([{ topic: topicOf(mine, 'ack'), qos: 1 }]);
  });

  it('is only what its topic names it for', async () => {
    const memory = brokerMemory();
    for (const id of [mine, other]) await memory.addSubscriptions({ id }, [{ topic: topicOf(id, 'cmd', '+'), qos: 1 }]);
    const clients = (await memory.subscriptionsByTopic(topicOf(mine, 'cmd', 'a'))).map(({ clientId }) => clientId);
    expect(clients).toEqual([mine]);
    expect(await memory.subscriptionsByTopic(topicOf(mine, 'ack'))).toEqual([]);
    expect(await memory.subscriptionsByTopic('__proto__')).toEqual([]);
  });

  it('is gone with its session', async () => {
    const memory = brokerMemory();
    await memory.addSubscriptions({ id: mine }, [{ topic: topicOf(mine, 'ack'), qos: 1 }]);
    await memory.outgoingEnqueue({ clientId: mine }, message(topicOf(mine, 'ack')));
    await memory.cleanSubscriptions({ id: mine });
    expect(await topics(memory.outgoingStream({ id: mine }))).toEqual([]);
    expect(await memory.subscriptionsByClient({ id: mine })).toEqual([]);
  });
});

it('retained messages are found by their topic and by wildcards, and an empty one deletes', async () => {
  const memory = brokerMemory();
  const kept = [topicOf(mine, 'session'), topicOf(mine, 'desired'), topicOf(other, 'session'), 'flotilla/v1/broker'];
  for (const topic of kept) await memory.storeRetained({ ...message(topic), retain: true });
  const find = async (...filters: string[]) => (await topics(memory.createRetainedStreamCombi(filters))).toSorted();
  expect(await find(topicOf(mine, 'desired'))).toEqual([topicOf(mine, 'desired')]);
  expect(await find(topicOf('+', 'session'))).toEqual([topicOf(mine, 'session'), topicOf(other, 'session')]);
  expect(await find('flotilla/v1/#')).toEqual(kept.toSorted());
  expect(await find('flotilla/v1/broker')).toEqual(['flotilla/v1/broker']);
  await memory.storeRetained({ ...message(topicOf(mine, 'desired'), ''), retain: true });
  expect(await find(topicOf(mine, 'desired'))).toEqual([]);
});

it.each([
  ['a/b', 'a/b', true],
  ['a/+', 'a/b', true],
  ['a/+', 'a', false],
  ['a/+', 'a/b/c', false],
  ['a/#', 'a/b/c', true],
  ['a/#', 'a', true],
  ['#', 'a/b', true],
  ['a/b', 'a/c', false],
  ['a/b/c', 'a/b', false],
])('the filter %s on the topic %s: %s', (filter, topic, isMatch) => {
  expect(matches(filter, topic)).toBe(isMatch);
});

it('a device is given nothing but what the server writes to it, whatever it is subscribed to', () => {
  const peer = { kind: 'device', deviceId: mine, organizationId: other, serial: '40' } as const;
  expect(mayReceive(peer, topicOf(mine, 'desired'))).toBe(true);
  for (const topic of [topicOf(other, 'desired'), topicOf(mine, 'events'), 'flotilla/v1/broker', '$SYS/a']) {
    expect(mayReceive(peer, topic)).toBe(false);
  }
});
