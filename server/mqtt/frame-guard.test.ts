import fc from 'fast-check';
import mqttPacket from 'mqtt-packet';
import { expect, it } from 'vitest';
import { frameGuard } from './frame-guard.ts';

const packet = (payloadBytes: number) =>
  mqttPacket.generate({
    cmd: 'publish',
    topic: 'a/b',
    payload: Buffer.alloc(payloadBytes, 0xff),
    qos: 1,
    messageId: 7,
    dup: false,
    retain: false,
  });

it('lets every packet up to the limit pass, however the stream is cut', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 300 }), { maxLength: 12 }),
      fc.integer({ min: 1, max: 40 }),
      (sizes, step) => {
        const guard = frameGuard(320);
        const bytes = Buffer.concat([...sizes.map(packet), mqttPacket.generate({ cmd: 'pingreq' })]);
        for (let at = 0; at < bytes.length; at += step) expect(guard(bytes.subarray(at, at + step))).toBe(true);
      },
    ),
  );
});

it('stops at the header of a packet above the limit, wherever it comes', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 300 }), { maxLength: 12 }),
      fc.integer({ min: 1, max: 40 }),
      (sizes, step) => {
        const guard = frameGuard(320);
        const before = Buffer.concat(sizes.map(packet));
        const bytes = Buffer.concat([before, packet(1_000_000).subarray(0, 10)]);
        let isOpen = true;
        for (let at = 0; at < bytes.length && isOpen; at += step) isOpen = guard(bytes.subarray(at, at + step));
        expect(isOpen).toBe(false);
      },
    ),
  );
});

it('stops at a length that is no length', () => {
  expect(frameGuard(320)(Buffer.from([0x30, 0x80, 0x80, 0x80, 0x80]))).toBe(false);
});
