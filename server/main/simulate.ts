import { execFileSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import { type DemoOwner, demoOwner } from './demo/owner.ts';
import { makeRelease, registerVersion, rollOutFirst, rollOutNext } from './demo/seed.ts';
import { RestClient } from './local/rest-client.ts';
import { startSimulator } from './local/simulator.ts';
import { type Stack, startStack } from './local/stack.ts';
import { untilStopped } from './process-life.ts';
import { help, readSimulateOptions, type SimulateOptions } from './simulate/options.ts';

/** Short windows, so that gates have something to judge while one watches. */
const OVERRIDES = { FLOTILLA_TELEMETRY_WINDOW_S: '5' };
const BAKE_S = 60;

/** The first release of a large fleet may take this long. */
const FIRST_TIMEOUT_MS = 600_000;

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
  const program = resolve(import.meta.dirname, '../../agent/simulator/main.ts');
  const lines = execFileSync(process.execPath, [program, '--help'], { encoding: 'utf8' }).split('\n');
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

async function startOwn({ local, flags }: SimulateOptions): Promise<void> {
  const stack = await startStack(local, 'simulation', OVERRIDES, say);
  const stopped = untilStopped();
  try {
    const owner = await demoOwner(stack);
    const work = simulateOn(stack, owner, flags, stopped);
    await work;
  } finally {
    console.log('\nstopping …');
    await stack.stop();
  }
}

async function simulateOn(stack: Stack, owner: DemoOwner, flags: string[], stopped: Promise<void>): Promise<void> {
  const rest = new RestClient(stack.url, owner.apiKey);
  const token = await tokenFor(rest);
  const dir = join(stack.state.dir, 'simulator');
  const simulator = startSimulator({ url: stack.url, token, dir, flags: [...flags, '--wait'], logFile: null });
  const isStopped = stopped.then(() => true);
  try {
    if (await Promise.race([simulator.ready.then(() => false), isStopped])) return;
    const work = seed(rest).then((path) => {
      simulator.begin();
      return path;
    });
    const path = await Promise.race([work, stopped.then(() => null)]);
    if (path === null) return;
    console.log(
      `\nThe devices are in  ${stack.url}/${owner.slug}${path}\n\n  e-mail    ${owner.email}\n  password  ${owner.password}\n\nCtrl-C stops everything; the data stays in ${stack.state.dir}.\n`,
    );
    await Promise.race([stopped, simulator.ended.then(endedEarly)]);
  } finally {
    await simulator.stop();
  }
}

function endedEarly(): never {
  throw new Error('The simulator ended by itself.');
}

type Rollouts = { items: { id: string; state: string }[] };

/** The first version on every device, once, and the next one on its way. Returns the page to look at. */
async function seed(rest: RestClient): Promise<string> {
  const { items } = await rest.call<Rollouts>('GET', '/rollouts');
  const [newest] = items;
  if (newest) {
    say('this fleet has had its rollouts already; --reset starts anew');
    return `/rollouts/${newest.id}`;
  }
  say('serving vibration-fault 1.0.0 on every device');
  await registerVersion(rest, '1.0.0');
  await registerVersion(rest, '2.0.0');
  await rollOutFirst(rest, await makeRelease(rest, '1.0.0'), FIRST_TIMEOUT_MS);
  say('rolling out 2.0.0 in waves');
  return `/rollouts/${await rollOutNext(rest, await makeRelease(rest, '2.0.0'), BAKE_S)}`;
}

/** For as many devices as a token may have: which are enrolled already is the simulator's to know. */
async function tokenFor(rest: RestClient): Promise<string> {
  const token = { name: 'Simulated devices', labels: { kind: 'simulated' }, maxUses: 100_000, expiresInS: 86_400 };
  return (await rest.call<{ secret: string }>('POST', '/enrollment-tokens', token)).secret;
}
