import { parseArgs } from 'node:util';
import * as z from 'zod';

const Port = z.coerce.number().int().min(1).max(65_535);

/** Flags of `npm start` and `npm run demo`. */
const Flags = z.object({
  port: Port.default(4600),
  'mqtt-port': Port.optional(),
  'mqtt-server-port': Port.optional(),
  'postgres-port': Port.optional(),
  'state-dir': z.string().min(1).default('.flotilla'),
  'log-level': z.enum(['debug', 'info', 'warn', 'error']).default('info'),
  devices: z.coerce.number().int().min(1).max(50).default(5),
  reset: z.boolean().default(false),
  smoke: z.boolean().default(false),
  help: z.boolean().default(false),
});

export type LocalOptions = {
  port: number;
  mqttPort: number;
  mqttServerPort: number;
  postgresPort: number;
  stateDir: string;
  logLevel: 'debug' | 'info' | 'warn' | 'error';
  devices: number;
  reset: boolean;
  smoke: boolean;
  help: boolean;
};

export const help = `  --port N               web, default 4600
  --mqtt-port N          broker for devices, default port + 1
  --mqtt-server-port N   broker for servers, default port + 2
  --postgres-port N      database, default port + 3
  --state-dir DIR        where everything is kept, default .flotilla
  --log-level LEVEL      debug, info, warn or error
  --reset                delete the kept state first`;

/** @throws Error with a sentence for the person who typed the flags. */
export function readOptions(argv: readonly string[]): LocalOptions {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      port: { type: 'string' },
      'mqtt-port': { type: 'string' },
      'mqtt-server-port': { type: 'string' },
      'postgres-port': { type: 'string' },
      'state-dir': { type: 'string' },
      'log-level': { type: 'string' },
      devices: { type: 'string' },
      reset: { type: 'boolean' },
      smoke: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  });
  const parsed = Flags.safeParse(values);
  if (!parsed.success)
    throw new Error(parsed.error.issues.map(({ path, message }) => `--${path.join('.')}: ${message}`).join('\n'));
  const flags = parsed.data;
  return {
    port: flags.port,
    mqttPort: flags['mqtt-port'] ?? flags.port + 1,
    mqttServerPort: flags['mqtt-server-port'] ?? flags.port + 2,
    postgresPort: flags['postgres-port'] ?? flags.port + 3,
    stateDir: flags['state-dir'],
    logLevel: flags['log-level'],
    devices: flags.devices,
    reset: flags.reset,
    smoke: flags.smoke,
    help: flags.help,
  };
}
