import { setTimeout as delay } from 'node:timers/promises';
import { Aedes, type PublishPacket } from 'aedes';
import { expect, it } from 'vitest';
import { takeAll } from './take-all.ts';

const PLACES = 100;
/** Far more than fit on the stack, if each were dealt with inside the one before. */
const FOR_NOBODY = 20_000;

it('lets messages for nobody pile up behind a reader who stalls', async () => {
  const aedes = await Aedes.createBroker({ concurrency: PLACES });
  takeAll(aedes);
  const held: (() => void)[] = [];
  aedes.subscribe(
    'stalling',
    (_packet, done) => void held.push(done),
    () => undefined,
  );
  await delay(20);
  let dealtWith = 0;
  const publish = (topic: string, count: number) => {
    const packet: PublishPacket = { cmd: 'publish', topic, payload: 'x', qos: 0, retain: false, dup: false };
    const done = () => {
      dealtWith += 1;
    };
    for (let sent = 0; sent < count; sent += 1) aedes.publish(packet, done);
  };
  publish('stalling', PLACES);
  publish('nobody', FOR_NOBODY);
  await delay(20);
  expect([held.length, dealtWith]).toEqual([PLACES, 0]);
  for (const done of held) done();
  await expect.poll(() => dealtWith, { timeout: 10_000 }).toBe(PLACES + FOR_NOBODY);
  await new Promise<void>((resolve) => aedes.close(resolve));
});
