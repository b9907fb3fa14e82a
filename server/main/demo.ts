import { startAgents } from './demo/agents.ts';
import { demoOwner } from './demo/owner.ts';
import {
  makeRelease,
  registerVersion,
  rollOutFirst,
  rollOutNext,
  untilOnline,
  untilOver,
  untilReported,
} from './demo/seed.ts';
import { help, readOptions } from './local/options.ts';
import { RestClient } from './local/rest-client.ts';
import { startStack } from './local/stack.ts';
import { untilStopped } from './process-life.ts';

/** Short windows, so that the charts move while one watches. */
const OVERRIDES = { FLOTILLA_TELEMETRY_WINDOW_S: '5' };
const BAKE_S = { demo: 45, smoke: 8 };

const startedAt = Date.now();
const say = (line: string) => console.log(`  ${line} …`);

async function main(): Promise<number> {
  const options = readOptions(process.argv.slice(2));
  if (options.help) {
    console.log(
      `npm run demo -- [flags]: all of Flotilla on this machine, with real agents\n  --devices N            how many agents, default 5\n  --smoke                do the main job once, and exit 0 when it worked\n${help}`,
    );
    return 0;
  }
  const stack = await startStack(options, 'demo', OVERRIDES, say);
  const stopped = untilStopped();
  try {
    const owner = await demoOwner(stack);
    const rest = new RestClient(stack.url, owner.apiKey);
    say(`starting ${options.devices} agents`);
    await startAgents(stack, rest, options.devices);
    await untilOnline(rest, options.devices);
    const { items: rollouts } = await rest.call<{ items: unknown[] }>('GET', '/rollouts');
    if (rollouts.length === 0) await seed(rest, options.smoke);
    if (options.smoke) return await smoke(rest);
    console.log(
      `\nFlotilla is up after ${((Date.now() - startedAt) / 1000).toFixed(0)} s:  ${stack.url}/${owner.slug}\n\n  e-mail    ${owner.email}\n  password  ${owner.password}\n\nCtrl-C stops everything; the data stays in ${stack.state.dir}.`,
    );
    await stopped;
    console.log('\nstopping …');
    return 0;
  } finally {
    await stack.stop();
  }
}

let rolloutId: string | undefined;

async function seed(rest: RestClient, isSmoke: boolean): Promise<void> {
  say('registering vibration-fault 1.0.0 and 2.0.0');
  await registerVersion(rest, '1.0.0');
  await registerVersion(rest, '2.0.0');
  const [first, second] = [await makeRelease(rest, '1.0.0'), await makeRelease(rest, '2.0.0')];
  say('serving 1.0.0 on every device');
  await rollOutFirst(rest, first);
  rolloutId = await rollOutNext(rest, second, isSmoke ? BAKE_S.smoke : BAKE_S.demo);
  say('rolling out 2.0.0 in waves');
}

/** The main job, without a person: what was rolled out serves, and its telemetry can be read back. */
async function smoke(rest: RestClient): Promise<number> {
  if (rolloutId === undefined) throw new Error('The kept demo has done this already. Use --smoke with --reset.');
  await untilOver(rest, rolloutId, 240_000);
  const inferences = await untilReported(rest, '2.0.0');
  console.log(
    `\nsmoke: passed in ${((Date.now() - startedAt) / 1000).toFixed(0)} s; ${inferences} inferences of vibration-fault 2.0.0 read back through REST`,
  );
  return 0;
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(`\n${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
process.exit();
