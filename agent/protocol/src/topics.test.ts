import { describe, expect, it } from 'vitest';
import {
  deviceSubscriptions,
  mayDevicePublish,
  mayDeviceSubscribe,
  parseTopic,
  serverSubscriptions,
  topicOf,
} from './topics.ts';

const me = '0197f000-0000-7000-8000-000000000001';
const other = '0197f000-0000-7000-8000-000000000002';
const id = '0197f000-0000-7000-8000-00000000000a';

describe('what a device may publish', () => {
  it.each([
    [topicOf(me, 'session'), true],
    [topicOf(me, 'reported'), true],
    [topicOf(me, 'events'), true],
    [topicOf(me, 'telemetry'), true],
    [topicOf(me, 'log'), true],
    [topicOf(me, 'reply', id), true],
    [topicOf(me, 'reply'), false],
    [topicOf(me, 'session', id), false],
    [topicOf(other, 'session'), false],
    [topicOf(me, 'desired'), false],
    [topicOf(me, 'ack'), false],
    [topicOf(me, 'cmd', id), false],
    [`flotilla/v2/${me}/session`, false],
    [`flotilla/v1/${me}/session/`, false],
    [`/flotilla/v1/${me}/session`, false],
    [`flotilla/v1/${me}/session\n`, false],
    [`flotilla/v1/${me.toUpperCase()}/session`, false],
    ['flotilla/v1/+/session', false],
    ['$SYS/broker', false],
    ['', false],
  ])('%j: %s', (topic, may) => expect(mayDevicePublish(me, topic)).toBe(may));
});

describe('what a device may subscribe to', () => {
  it.each([
    [topicOf(me, 'desired'), true],
    [topicOf(me, 'ack'), true],
    [topicOf(me, 'cmd', '+'), true],
    [topicOf(me, 'cmd', '#'), true],
    [topicOf(me, '+' as 'ack'), false],
    [topicOf(me, 'telemetry'), false],
    [topicOf(other, 'desired'), false],
    [topicOf('+', 'desired'), false],
    ['#', false],
    ['flotilla/#', false],
    [`flotilla/v1/${me}/#`, false],
    [`$share/g/flotilla/v1/${me}/desired`, false],
  ])('%j: %s', (filter, may) => expect(mayDeviceSubscribe(me, filter)).toBe(may));

  it('holds everything it does subscribe to', () => {
    for (const filter of deviceSubscriptions(me)) expect(mayDeviceSubscribe(me, filter)).toBe(true);
  });
});

it('the server listens to what devices write, and to nothing that it writes itself', () => {
  expect(serverSubscriptions()).toEqual([
    'flotilla/v1/+/session',
    'flotilla/v1/+/reported',
    'flotilla/v1/+/events',
    'flotilla/v1/+/telemetry',
    'flotilla/v1/+/log',
    'flotilla/v1/+/reply/+',
  ]);
});

it('a topic reads back as it was made', () => {
  expect(parseTopic(topicOf(me, 'cmd', id))).toEqual({ deviceId: me, kind: 'cmd', id });
  expect(parseTopic(topicOf(me, 'ack'))).toEqual({ deviceId: me, kind: 'ack' });
  expect(parseTopic(`flotilla/v1/${me}/unknown`)).toBeNull();
});
