import { parseArgs } from 'node:util';
import * as z from 'zod';
import { describeScenarios, isScenarioName, Scenario, scenarios } from './scenarios.ts';

/** More need more file descriptors and memory than one process has; start several with different `--name`. */
const MAX_DEVICES = 20_000;

const Flags = z.object({
  url: z.url({ protocol: /^https?$/, error: 'must be an http(s) address' }),
  token: z.string().optional(),
  dir: z.string().min(1),
  devices: z.coerce.number().int().min(1).max(MAX_DEVICES).default(100),
  scenario: z.string().refine(isScenarioName, 'is not a scenario; --help lists them').default('healthy'),
  set: z.array(z.string().regex(/^[A-Za-z]+=[^=]+$/, 'must be NAME=VALUE')).default([]),
  seed: z.coerce
    .number()
    .int()
    .min(0)
    .max(2 ** 31)
    .default(1),
  name: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,30}$/, 'must be lower-case letters, digits and dashes')
    .default('sim'),
  'bad-version': z.string().min(1).optional(),
  wait: z.boolean().default(false),
  help: z.boolean().default(false),
});

export type SimulatorOptions = {
  url: string;
  token: string | null;
  dir: string;
  devices: number;
  scenario: Scenario;
  seed: number;
  name: string;
  badVersion: string | null;
  /** The script begins when the parent process says so, not when all are connected. */
  wait: boolean;
};

export const help = `Virtual devices that enroll and connect like real ones.

  --url URL              a running Flotilla
  --token TOKEN          an enrollment token of it, with a use for each new device
  --dir DIR              where keys and certificates are kept, owner-only
  --devices N            default 100
  --scenario NAME        default healthy
  --set NAME=VALUE       changes one setting of the scenario; may be repeated
  --bad-version VERSION  the version that behaves as the scenario says; default is every one but the first
  --seed N               the same seed is the same fleet; default 1
  --name PREFIX          devices are called PREFIX-00001 …; default sim

Scenarios:
${describeScenarios()}

Settings for --set: ${Object.keys(Scenario.shape).join(', ')}.`;

/** Null when help was asked for. @throws Error with a sentence for the person who typed the flags. */
export function readSimulatorOptions(argv: readonly string[]): SimulatorOptions | null {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    args: [...argv],
    options: {
      url: text,
      token: text,
      dir: text,
      devices: text,
      scenario: text,
      set: { type: 'string', multiple: true },
      seed: text,
      name: text,
      'bad-version': text,
      wait: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) return null;
  const flags = orExplain(Flags.safeParse(values), '--');
  const { url, token, dir, devices, scenario, seed, name, wait } = flags;
  const own = Object.fromEntries(flags.set.map((each) => each.split('=') as [string, string]));
  return {
    url: url.replace(/\/+$/, ''),
    token: token ?? null,
    dir,
    devices,
    scenario: orExplain(Scenario.safeParse({ ...scenarios[scenario].settings, ...own }), '--set '),
    seed,
    name,
    badVersion: flags['bad-version'] ?? null,
    wait,
  };
}

function orExplain<T>(parsed: z.ZodSafeParseResult<T>, prefix: string): T {
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => `${prefix}${path.join('.')}: ${message}`);
  throw new Error(problems.join('\n'));
}
