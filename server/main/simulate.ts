import { join, resolve } from 'node:path';
import type { RolloutState } from '../domain/rollout/states.ts';
import { type DemoOwner, demoOwner } from './demo/owner.ts';
import { RestClient } from './local/rest-client.ts';
import { simulatorHelp, startSimulator } from './local/simulator.ts';
import { type Stack, startStack } from './local/stack.ts';
import { untilStopped } from './process-life.ts';
import { help, readSimulateOptions, type SimulateOptions } from './simulate/options.ts';
import { rollOutScenario, serveFirst } from './simulate/scenario-rollout.ts';
import { tellRollout } from './simulate/tell-rollout.ts';

/** Short windows, so that gates have something to judge while one watches. */
const OVERRIDES = { FLOTILLA_TELEMETRY_WINDOW_S: '5' };
const BAKE_S = 60;

/** How long the first version is measured before the next one comes. */
const BEFORE_S = 20;

const say = (line: string) => console.log(`  ${line} …`);

try {
  const options = readSimulateOptions(process.argv.slice(2));
  if (options.help) printHelp();
  else if (options.url) await joinRunning(options, options.url);
  else await startOwn(options);
  process.exit(0);
} catch (error) {
  console.error(`\n${error instanceof Error ? error.message : String(error)}`);
  process.exit(1);
}

/** The simulator explains its own flags. */
function printHelp(): void {
  const lines = simulatorHelp().split('\n');
  const own = lines.filter((line) => !/--(url|token|dir) /.test(line)).slice(2);
  console.log(`${help}${own.join('\n')}`);
}

async function joinRunning({ local, token, flags }: SimulateOptions, url: string): Promise<void> {
  const dir = resolve(local.stateDir, 'simulator');
  const simulator = startSimulator({ url: url.replace(/\/+$/, ''), token, dir, flags, logFile: null });
  const stopped = untilStopped();
  try {
    const isReady = await Promise.race([simulator.ready.then(() => true), stopped.then(() => false)]);
    if (isReady) console.log(`\nThe devices are in ${url}. Ctrl-C ends them; their identities stay in ${dir}.\n`);
    await Promise.race([stopped, simulator.ended.then(endedEarly)]);
  } finally {
    await simulator.stop();
  }
}

async function startOwn(options: SimulateOptions): Promise<void> {
  const stack = await startStack(options.local, 'simulation', OVERRIDES, say);
  const stopped = untilStopped();
  try {
    const owner = await demoOwner(stack);
    await simulateOn(stack, owner, options, stopped);
  } finally {
    console.log('\nstopping …');
    await stack.stop();
  }
}

async function simulateOn(stack: Stack, owner: DemoOwner, options: SimulateOptions, stopped: Promise<void>) {
  const rest = new RestClient(stack.url, owner.apiKey);
  const token = await tokenFor(rest);
  const dir = join(stack.state.dir, 'simulator');
  const flags = [...options.flags, '--wait'];
  const simulator = startSimulator({ url: stack.url, token, dir, flags, logFile: null });
  const ending = new AbortController();
  const isStopped = stopped.then(() => ending.abort()).then(() => true);
  try {
    if (await Promise.race([simulator.ready.then(() => false), isStopped])) return;
    const id = await Promise.race([nextRollout(rest), stopped.then(() => null)]);
    if (id === null) return;
    simulator.begin();
    console.log(
      `\nThe rollout is on  ${stack.url}/${owner.slug}/rollouts/${id}\n\n  e-mail    ${owner.email}\n  password  ${owner.password}\n`,
    );
    const told = tellRollout(rest, id, (line) => console.log(line), ending.signal);
    await Promise.race([told, isStopped, simulator.ended.then(endedEarly)]);
    if (options.once || ending.signal.aborted) return;
    console.log(`\nCtrl-C stops everything; the data stays in ${stack.state.dir}.\n`);
    await Promise.race([stopped, simulator.ended.then(endedEarly)]);
  } finally {
    await simulator.stop();
  }
}

function endedEarly(): never {
  throw new Error('The simulator ended by itself.');
}

type Rollouts = { items: { id: string; state: RolloutState; rollbackOfId: string | null }[] };

/** The first version on every device, once, and the next one on its way: again when it was taken back. Returns the rollout to look at. */
async function nextRollout(rest: RestClient): Promise<string> {
  const { items } = await rest.call<Rollouts>('GET', '/rollouts');
  const newest = items.find(({ rollbackOfId }) => rollbackOfId === null);
  if (newest && newest.state !== 'rolled-back') {
    say('this fleet has had its rollouts already; --reset starts anew');
    return newest.id;
  }
  if (!newest) {
    say(`serving vibration-fault 1.0.0 on every device, and measuring it for ${BEFORE_S} s`);
    await serveFirst(rest, { selector: '', beforeS: BEFORE_S });
  }
  say('rolling out 2.0.0 in waves');
  return await rollOutScenario(rest, { selector: '', bakeS: BAKE_S });
}

/** For as many devices as a token may have: which are enrolled already is the simulator's to know. */
async function tokenFor(rest: RestClient): Promise<string> {
  const token = { name: 'Simulated devices', labels: { kind: 'simulated' }, maxUses: 100_000, expiresInS: 86_400 };
  return (await rest.call<{ secret: string }>('POST', '/enrollment-tokens', token)).secret;
}
