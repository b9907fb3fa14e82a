import { parseArgs } from 'node:util';

/** Port of the endpoint when none is asked for. */
const DEFAULT_OIP_PORT = 8760;

const DEFAULT_ENGINE_SOCKET = '/var/run/docker.sock';

export const USAGE = `usage:
  flotilla-agent enroll --server URL --token TOKEN --dir DIR [--name NAME]
  flotilla-agent run    --dir DIR [run options]
  flotilla-agent up     --server URL --token TOKEN --dir DIR [--name NAME] [run options]
                        enrolls when the device is not enrolled yet, then runs
  flotilla-agent status --dir DIR
  flotilla-agent check  --dir DIR    whether this program could take over the device; changes nothing
  flotilla-agent --version

run options:
  --oip-port N          port of the inference endpoint on 127.0.0.1 (default ${DEFAULT_OIP_PORT}; 0: any free one)
  --idle-watts W        what the board draws doing nothing, for the power estimate
  --full-watts W        what it draws with every core busy
  --engine-socket PATH  the container engine's socket (default ${DEFAULT_ENGINE_SOCKET})
  --sysfs DIR           where sensors are read (default /sys)
  --log-level LEVEL     error, warn, info or debug until the server sets it (default info)
  --exit-with-parent    end when the process that started this one ends`;

export type EnrollArguments = { server: string; token: string; name?: string };
export type RunArguments = {
  oipPort: number;
  engineSocket: string;
  sysfs: string;
  logLevel: 'error' | 'warn' | 'info' | 'debug';
  exitWithParent: boolean;
  idleWatts?: number;
  fullWatts?: number;
};
export type Arguments =
  | { command: 'version' }
  | { command: 'help' }
  | { command: 'status' | 'check'; dir: string }
  | { command: 'enroll'; dir: string; enroll: EnrollArguments }
  | { command: 'run'; dir: string; run: RunArguments }
  | { command: 'up'; dir: string; enroll: EnrollArguments | null; run: RunArguments };

/** The command line is not one of ours; the message says what is wrong with it. */
export class UsageError extends Error {}

const options = {
  server: { type: 'string' },
  token: { type: 'string' },
  dir: { type: 'string' },
  name: { type: 'string' },
  'oip-port': { type: 'string' },
  'idle-watts': { type: 'string' },
  'full-watts': { type: 'string' },
  'engine-socket': { type: 'string' },
  sysfs: { type: 'string' },
  'log-level': { type: 'string' },
  'exit-with-parent': { type: 'boolean' },
  version: { type: 'boolean' },
  help: { type: 'boolean' },
} as const;

export function parseArguments(argv: string[]): Arguments {
  const { values, positionals } = parse(argv);
  if (values.version) return { command: 'version' };
  if (values.help) return { command: 'help' };
  const [command, ...rest] = positionals;
  if (rest.length > 0) throw new UsageError(`"${rest[0]}" is one word too many`);
  const dir = () => required(values.dir, '--dir');
  switch (command) {
    case 'status':
    case 'check':
      return { command, dir: dir() };
    case 'enroll':
      return { command, dir: dir(), enroll: enrollOf(values) };
    case 'run':
      return { command, dir: dir(), run: runOf(values) };
    case 'up':
      return {
        command,
        dir: dir(),
        enroll: values.server || values.token ? enrollOf(values) : null,
        run: runOf(values),
      };
    case undefined:
      throw new UsageError('what shall it do?');
    default:
      throw new UsageError(`there is no command "${command}"`);
  }
}

type Values = ReturnType<typeof parse>['values'];

function parse(argv: string[]) {
  try {
    return parseArgs({ args: argv, options, allowPositionals: true });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function enrollOf(values: Values): EnrollArguments {
  const server = required(values.server, '--server');
  if (!/^https?:\/\/./.test(server) || !URL.canParse(server))
    throw new UsageError('--server must be an http or https URL');
  const token = required(values.token, '--token');
  return { server, token, ...(values.name && { name: values.name }) };
}

function runOf(values: Values): RunArguments {
  const level = values['log-level'] ?? 'info';
  if (level !== 'error' && level !== 'warn' && level !== 'info' && level !== 'debug') {
    throw new UsageError('--log-level must be error, warn, info or debug');
  }
  const idleWatts = numberOf(values['idle-watts'], '--idle-watts', 10_000);
  const fullWatts = numberOf(values['full-watts'], '--full-watts', 10_000);
  const oipPort = numberOf(values['oip-port'], '--oip-port', 65_535) ?? DEFAULT_OIP_PORT;
  if (!Number.isInteger(oipPort)) throw new UsageError('--oip-port must be a whole number');
  return {
    oipPort,
    engineSocket: values['engine-socket'] ?? DEFAULT_ENGINE_SOCKET,
    sysfs: values.sysfs ?? '/sys',
    logLevel: level,
    exitWithParent: values['exit-with-parent'] ?? false,
    ...(idleWatts !== undefined && { idleWatts }),
    ...(fullWatts !== undefined && { fullWatts }),
  };
}

function required(value: string | undefined, name: string): string {
  if (!value) throw new UsageError(`${name} is missing`);
  return value;
}

function numberOf(text: string | undefined, name: string, highest: number): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (text.trim() === '' || !(value >= 0 && value <= highest)) throw new UsageError(`${name} must be 0 to ${highest}`);
  return value;
}
