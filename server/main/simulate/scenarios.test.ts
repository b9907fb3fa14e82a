import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestStack } from '../../testing/stack.ts';
import { demoOwner } from '../demo/owner.ts';
import { registerVersion } from '../demo/seed.ts';
import { RestClient } from '../local/rest-client.ts';
import { type Simulator, simulatorHelp, startSimulator } from '../local/simulator.ts';
import { rollOutScenario, serveFirst } from './scenario-rollout.ts';
import { tellRollout } from './tell-rollout.ts';

/** Few devices, short windows and bakes: all scenarios at once take as long as the longest of them. */
const DEVICES = 24;
const BAKE_S = 8;
const BEFORE_S = 10;

let stack: Awaited<ReturnType<typeof startTestStack>>;
let rest: RestClient;
const simulators: Simulator[] = [];

beforeAll(async () => {
  stack = await startTestStack({ FLOTILLA_TELEMETRY_WINDOW_S: '1' });
  rest = new RestClient(stack.url, (await demoOwner(stack)).apiKey);
  for (const version of ['1.0.0', '2.0.0']) await registerVersion(rest, version);
}, 400_000);

afterAll(async () => {
  await Promise.all(simulators.map((simulator) => simulator.stop()));
  if (stack) await stack?.remove();
}, 60_000);

/** Plays a scenario with a fleet of its own, as `npm run simulate` does, and returns how the rollout ended and what was told. */
async function play(scenario: string, { devices = DEVICES, set = [] }: Fleet) {
  const labels = { scenario };
  const order = { name: scenario, labels, maxUses: devices, expiresInS: 3_600 };
  const { secret: token } = await rest.call<{ secret: string }>('POST', '/enrollment-tokens', order);
  const settings = set.flatMap((setting) => ['--set', setting]);
  const simulator = startSimulator({
    url: stack.url,
    token,
    dir: join(stack.dir, scenario),
    flags: ['--devices', String(devices), '--name', scenario, '--scenario', scenario, '--wait', ...settings],
    logFile: join(stack.state.logDir, `${scenario}.log`),
  });
  simulators.push(simulator);
  expect((await simulator.ready).connected).toBe(devices);
  const selector = `scenario=${scenario}`;
  await serveFirst(rest, { selector, beforeS: BEFORE_S });
  const id = await rollOutScenario(rest, { selector, bakeS: BAKE_S });
  simulator.begin();
  const lines: string[] = [];
  const state = await tellRollout(rest, id, (line) => lines.push(line), new AbortController().signal);
  const { versions, connected } = await simulator.report();
  await simulator.stop();
  return { state, story: lines.join('\n'), end: lines.at(-1) ?? '', versions, connected };
}

const first = 'vibration-fault 1.0.0';
const next = 'vibration-fault 2.0.0';

const TIMEOUT_MS = 400_000;

type Fleet = { devices?: number; set?: string[] };

/**
 * What each scenario promises about a release that must not go on, by which of its traits it is found, and what finds it in so short a bake.
 * Some 240 labels before and as many after tell a difference of accuracy to 3 points (standard error), so four of those either way from 15.
 */
const unsound: [string, RegExp, Fleet?][] = [
  ['bad-canary', /failed: (accuracy changed by −([3-9]|1\d|2[0-7])(\.\d)? points|latency p95 is 1\.[3-7])/],
  ['slower-canary', /A tenth failed: latency p95 is 1\.(29|[34])/, { devices: 100 }],
  ['hungry-canary', /failed: energy per inference is 1\.[4-8]/],
  ['failing-canary', /failed: error rate is/, { set: ['errorRate=0.045'] }],
  ['failing-proof', /failed: too (many devices failed|few devices succeeded)/],
  ['crash-after-switch', /failed: too (many devices failed|few devices succeeded)/],
];

/** Trouble that is not the release's fault does not stop it. */
const sound: [string, string[]][] = [
  ['healthy', []],
  ['flaky-links', []],
  ['clock-skew', []],
  ['offline-half', ['offlineForS=30']],
];

test.concurrent.each(unsound)(
  '%s: the release is stopped and taken back, and the tool says why',
  async (scenario, reason, fleet = {}) => {
    const { devices = DEVICES } = fleet;
    const { state, story, end, versions } = await play(scenario, fleet);
    expect(state, story).toBe('rolled-back');
    expect(story).toMatch(reason);
    expect(end).toMatch(
      new RegExp(
        `^Taken back after \\d+:\\d\\d\\. .* in (Canary|A tenth|Half|Everyone)\\. Of ${devices} devices (\\d+) had been told to move, and \\2 of them serve again`,
      ),
    );
    expect(versions).toEqual({ [first]: devices });
  },
  TIMEOUT_MS,
);

test.concurrent.each(sound)(
  '%s: the release reaches every device',
  async (scenario, set) => {
    const { state, story, end, versions } = await play(scenario, { set });
    expect(state, story).toBe('succeeded');
    expect(end, story).toMatch(
      new RegExp(
        `^Over after \\d+:\\d\\d: ${DEVICES} of ${DEVICES} devices serve vibration-fault 2\\.0\\.0, 0 could not, 0 were not reached\\.$`,
      ),
    );
    expect(versions).toEqual({ [next]: DEVICES });
  },
  TIMEOUT_MS,
);

test('every scenario that the tool offers is played', () => {
  const offered = [...simulatorHelp().matchAll(/^ {2}([a-z]+(?:-[a-z]+)*) {2,}\S/gm)].map(([, name]) => name);
  expect(offered.sort()).toEqual([...sound.map(([name]) => name), ...unsound.map(([name]) => name)].sort());
});
