import { parseArgs } from 'node:util';
import { type LocalOptions, help as localHelp, readOptions } from '../local/options.ts';

const text = { type: 'string' } as const;
const flag = { type: 'boolean' } as const;

/** Flags that the simulator itself understands and checks. */
const ofDevices = {
  devices: text,
  scenario: text,
  set: { type: 'string', multiple: true },
  seed: text,
  name: text,
  'bad-version': text,
} as const;

const ofStack = {
  port: text,
  'mqtt-port': text,
  'mqtt-server-port': text,
  'postgres-port': text,
  'state-dir': text,
  'log-level': text,
  reset: flag,
} as const;

export const help = `npm run simulate -- [flags]: thousands of virtual devices, against a running Flotilla or one started for them

Against a running one, name both:
  --url URL              its address
  --token TOKEN          an enrollment token, made in its console under Enroll, with as many uses as devices;
                         not needed again for devices that were enrolled before

With neither, Flotilla is started here with a release on every device, and a rollout of the next one:
${localHelp}
  --once                 end when the rollout is over or waits for a person

The devices:
`;

export type SimulateOptions = {
  help: boolean;
  /** Ends with the rollout. */
  once: boolean;
  url: string | null;
  token: string | null;
  local: LocalOptions;
  /** For the simulator. */
  flags: string[];
};

/** @throws Error with a sentence for the person who typed the flags. */
export function readSimulateOptions(argv: readonly string[]): SimulateOptions {
  const { values } = parseArgs({
    args: [...argv],
    options: { ...ofDevices, ...ofStack, url: text, token: text, once: flag, help: flag },
  });
  const { url, token, once = false, help = false } = values;
  if (token !== undefined && url === undefined)
    throw new Error('--token needs --url: the address of the Flotilla that made it.');
  if (once && url !== undefined) throw new Error('--once is of the rollout that is started here, without --url.');
  const typed = Object.entries(values);
  const flagsOf = (known: object) =>
    typed.flatMap(([name, value]) => {
      if (!Object.hasOwn(known, name)) return [];
      return value === true ? [`--${name}`] : [value].flat().flatMap((each) => [`--${name}`, String(each)]);
    });
  const local = readOptions(flagsOf(ofStack));
  return { help, once, url: url ?? null, token: token ?? null, local, flags: flagsOf(ofDevices) };
}
