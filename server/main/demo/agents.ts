import { join } from 'node:path';
import type { RestClient } from '../local/rest-client.ts';
import type { Stack } from '../local/stack.ts';
import type { LocalState } from '../local/state.ts';
import { installDevice } from './installed-device.ts';

const SITES = ['oslo', 'bergen'] as const;

/** What the power estimate assumes of a demo board: its sensors are those of this machine, which has none of its own. */
const BOARD_WATTS = ['--idle-watts', '3', '--full-watts', '12'];

type Place = Pick<Stack, 'supervisor' | 'url' | 'environment'> & { state: Pick<LocalState, 'devicesDir' | 'logDir'> };

/** Starts real agents by the launchers of devices of their own; one that has not enrolled yet gets a token of its own. */
export async function startAgents(
  { state, supervisor, url, environment }: Place,
  rest: RestClient,
  count: number,
): Promise<void> {
  for (let number = 1; number <= count; number += 1) {
    const name = `press-${String(number).padStart(2, '0')}`;
    const { launcher, dataDir, isEnrolled } = await installDevice(join(state.devicesDir, name));
    const enrolment = isEnrolled
      ? []
      : ['--server', url, '--token', await newToken(rest, name, number), '--name', name];
    const args = ['up', '--dir', dataDir, ...enrolment, '--oip-port', '0', ...BOARD_WATTS, '--exit-with-parent'];
    const logFile = join(state.logDir, `${name}.log`);
    supervisor.start({ name, program: launcher, args, env: agentEnvironment(environment), logFile });
  }
}

async function newToken(rest: RestClient, name: string, number: number): Promise<string> {
  const labels = {
    site: SITES[number % SITES.length] ?? SITES[0],
    kind: 'press',
    stage: number === 1 ? 'canary' : 'prod',
  };
  const { secret } = await rest.call<{ secret: string }>('POST', '/enrollment-tokens', {
    name: `Demo device ${name}`,
    labels,
    maxUses: 1,
    expiresInS: 3_600,
  });
  return secret;
}

/** An agent gets what a device has, and none of the server's secrets. */
function agentEnvironment({ PATH, HOME, LANG, TMPDIR }: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return {
    NODE_ENV: 'production',
    ORT_DISABLE_TELEMETRY: '1',
    ...Object.fromEntries(Object.entries({ PATH, HOME, LANG, TMPDIR }).filter(([, value]) => value !== undefined)),
  };
}
