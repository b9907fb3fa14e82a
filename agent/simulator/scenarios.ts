import * as z from 'zod';

const Share = z.coerce.number().min(0).max(1);
const Factor = z.coerce.number().min(0.01).max(100);

/**
 * What a fleet lives through. Shares are of devices, drawn by the seed. What is said of a new version happens with every
 * version but the first that the fleet was told, or with the one that `--bad-version` names.
 */
export const Scenario = z.strictObject({
  /** Go dark when the script begins, and come back after `offlineForS`; 0 is never. */
  offlineShare: Share.default(0),
  offlineForS: z.coerce.number().min(0).max(86_400).default(0),
  /** Lose the connection again and again, on the mean after `flakyEveryS`. */
  flakyShare: Share.default(0),
  flakyEveryS: z.coerce.number().min(1).max(86_400).default(20),
  /** Have a link of this speed. */
  slowShare: Share.default(0),
  slowBytesPerS: z.coerce.number().min(100).max(1e9).default(20_000),
  /** Fail the proof of a new version. */
  failingShare: Share.default(0),
  /** Die after the switch to a new version, each time. */
  crashShare: Share.default(0),
  /** Have a clock that is wrong by up to this much, either way. */
  skewShare: Share.default(0),
  skewMs: z.coerce.number().min(0).max(31_536_000_000).default(600_000),
  /** How a new version compares with the first: factors, and differences of shares. */
  latencyFactor: Factor.default(1),
  energyFactor: Factor.default(1),
  accuracyDrop: Share.default(0),
  errorRate: Share.default(0),
  /** Factor on the time that proving, switching and loading take. */
  pace: z.coerce.number().min(0).max(100).default(1),
});
export type Scenario = z.infer<typeof Scenario>;

type Entry = { summary: string; settings: z.input<typeof Scenario> };

export const scenarios = {
  healthy: { summary: 'every device does what it is told', settings: {} },
  'bad-canary': {
    summary: 'the new version is less accurate by 15 points and slower by half',
    settings: { accuracyDrop: 0.15, latencyFactor: 1.5 },
  },
  // One canary does not prove that much, nor does it hold the rollout up: the next wave does.
  'slower-canary': { summary: 'the new version is slower by 35 %', settings: { latencyFactor: 1.35 } },
  'hungry-canary': { summary: 'the new version uses 60 % more energy', settings: { energyFactor: 1.6 } },
  'failing-canary': { summary: 'with the new version one inference in 50 fails', settings: { errorRate: 0.02 } },
  'failing-proof': {
    summary: 'the new version fails its proof on 30 % of the devices',
    settings: { failingShare: 0.3 },
  },
  'crash-after-switch': {
    summary: 'the new version kills the agent on 40 % of the devices',
    settings: { crashShare: 0.4 },
  },
  'flaky-links': {
    summary: 'half of the devices lose the connection every 20 s, a third has 20 kB/s',
    settings: { flakyShare: 0.5, slowShare: 0.33 },
  },
  'offline-half': {
    summary: 'half of the devices go dark for two minutes',
    settings: { offlineShare: 0.5, offlineForS: 120 },
  },
  'clock-skew': { summary: 'half of the clocks are wrong by up to ten minutes', settings: { skewShare: 0.5 } },
} satisfies Record<string, Entry>;

export type ScenarioName = keyof typeof scenarios;

export function isScenarioName(name: string): name is ScenarioName {
  return Object.hasOwn(scenarios, name);
}

/** One line a scenario, for people. */
export function describeScenarios(): string {
  return Object.entries(scenarios)
    .map(([name, { summary }]) => `  ${name.padEnd(20)} ${summary}`)
    .join('\n');
}
