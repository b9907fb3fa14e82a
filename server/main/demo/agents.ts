import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { RestClient } from '../local/rest-client.ts';
import { agentProgram, type Stack } from '../local/stack.ts';

const SITES = ['oslo', 'bergen'] as const;

/** What the power estimate assumes of a demo board: its sensors are those of this machine, which has none of its own. */
const BOARD_WATTS = ['--idle-watts', '3', '--full-watts', '12'];

/** Starts real agents as processes of their own, each in its own folder; one that has not enrolled yet gets a token of its own. */
export async function startAgents(
  { state, supervisor, url, environment }: Stack,
  rest: RestClient,
  count: number,
): Promise<void> {
  for (let number = 1; number <= count; number += 1) {
    const name = `press-${String(number).padStart(2, '0')}`;
    const dir = join(state.devicesDir, name);
    await mkdir(dir, { recursive: true, mode: 0o700 });
    const isEnrolled = existsSync(join(dir, 'identity', 'identity.json'));
    const enrolment = isEnrolled
      ? []
      : ['--server', url, '--token', await newToken(rest, name, number), '--name', name];
    const args = [
      agentProgram(),
      'up',
      '--dir',
      dir,
      ...enrolment,
      '--oip-port',
      '0',
      ...BOARD_WATTS,
      '--exit-with-parent',
    ];
    supervisor.start({ name, args, env: agentEnvironment(environment), logFile: join(state.logDir, `${name}.log`) });
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
