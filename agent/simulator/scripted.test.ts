import { DeviceEvent } from '@flotilla/protocol';
import { afterEach, expect, test } from 'vitest';
import { until } from '../src/testing/wait.ts';
import { type OneDevice, RELEASE_BYTES, startOneDevice } from './testing/one-device.ts';

let device: OneDevice | undefined;
afterEach(async () => {
  await device?.stop();
  device = undefined;
});
const startOne = async (settings: object) => {
  device = await startOneDevice(settings);
  return device;
};

test('a slow link takes as long as its bytes do, says how far it is, and fetches what it holds no second time', async () => {
  const { server, desire, reaches } = await startOne({ slowShare: 1, slowBytesPerS: RELEASE_BYTES / 3 });
  const startedMs = performance.now();
  await desire(1);
  const half = await until('a report from the middle of the download', () =>
    server.state.reported.find(({ slots }) => slots.default?.phase === 'downloading' && slots.default.progress),
  );
  expect(half.slots.default?.progress).toMatchObject({ totalBytes: RELEASE_BYTES });
  expect(half.slots.default?.progress?.bytes).toBeLessThan(RELEASE_BYTES);
  await reaches(1, 'active');
  expect(performance.now() - startedMs).toBeGreaterThan(2_900);
  const againMs = performance.now();
  await desire(2);
  await reaches(2, 'active');
  expect(performance.now() - againMs).toBeLessThan(2_900);
});

test('a dark device says goodbye when the script begins, and comes back with what its disk holds', async () => {
  const { server, fleet, desire, reaches } = await startOne({ offlineShare: 1, offlineForS: 2 });
  await until('the goodbye', () => server.state.sessions.at(-1)?.online === false);
  expect(fleet.report()).toMatchObject({ devices: 1, connected: 0 });
  await desire(1);
  await until('its return', () => server.state.sessions.at(-1)?.online === true);
  await reaches(1, 'active');
});

test('a device without an end to its darkness stays away', async () => {
  const { server, fleet } = await startOne({ offlineShare: 1 });
  await until('the goodbye', () => server.state.sessions.at(-1)?.online === false);
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  expect(fleet.report().connected).toBe(0);
});

test('a flaky link breaks again and again, and the device comes through all the same', async () => {
  const { server, desire, reaches } = await startOne({ flakyShare: 1, flakyEveryS: 1 });
  await until('the third connection', () => server.state.sessions.filter(({ online }) => online).length >= 3);
  await desire(1);
  await reaches(1, 'active');
}, 60_000);

test('a clock that is wrong is wrong in all that the device says, by the same', async () => {
  const skewMs = 1_800_000;
  const { server, desire, reaches } = await startOne({ skewShare: 1, skewMs });
  await desire(1);
  await reaches(1, 'active');
  const telemetry = await until('telemetry', () => [...server.state.telemetry.values()][0]);
  const offset = (server.state.sessions[0]?.at ?? 0) - Date.now();
  expect(Math.abs(offset)).toBeGreaterThan(60_000);
  expect(Math.abs(offset)).toBeLessThanOrEqual(skewMs);
  const events = [...server.state.events.values()].map((event) => DeviceEvent.parse(event).at - Date.now());
  for (const each of [...events, telemetry.sentAt - Date.now(), (telemetry.windows[0]?.startMs ?? 0) - Date.now()])
    expect(Math.abs(each - offset)).toBeLessThan(20_000);
});
