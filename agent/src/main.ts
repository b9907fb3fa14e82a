import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkDevice } from './agent/check.ts';
import type { AgentOptions } from './agent/options.ts';
import { readStatus } from './agent/status-file.ts';
import { type Arguments, parseArguments, type RunArguments, USAGE, UsageError } from './cli/arguments.ts';
import { enrollDevice } from './cli/enroll-device.ts';
import { launcherOf, startAgain } from './cli/launcher.ts';
import { watchParent } from './cli/parent-watch.ts';
import { runAgent } from './cli/run-agent.ts';
import { createLogger, messageOf } from './logger.ts';
import { layoutOf } from './state/layout.ts';
import { nodeFileSystem } from './state/node-file-system.ts';
import { AGENT_VERSION } from './version.ts';

const EXIT_FAILED = 1;
const EXIT_USAGE = 2;

/** In the bundle both programs lie side by side; in the source tree the runner has a folder. */
const runnerEntry = fileURLToPath(
  new URL(import.meta.url.endsWith('.mjs') ? './runner.mjs' : './runner/main.ts', import.meta.url),
);

// Every process of ours says so before ONNX Runtime could be loaded, whoever started it.
process.env.ORT_DISABLE_TELEMETRY = '1';

const now = () => Date.now();
const logger = createLogger((line) => void process.stderr.write(line), now);
const ending = new AbortController();

function optionsFor(dir: string, run?: RunArguments): AgentOptions {
  if (run) logger.setLevel(run.logLevel);
  return {
    fs: nodeFileSystem,
    layout: layoutOf(resolve(dir)),
    logger,
    now,
    random: Math.random,
    version: AGENT_VERSION,
    isUpgradable: launcherOf(resolve(dir)) !== null,
    runnerEntry,
    oipPort: run?.oipPort ?? 0,
    engineSocket: run?.engineSocket ?? '',
    sysfs: run?.sysfs ?? '/sys',
    procfs: '/proc',
    osRelease: '/etc/os-release',
    ...(run?.idleWatts !== undefined && { idleWatts: run.idleWatts }),
    ...(run?.fullWatts !== undefined && { fullWatts: run.fullWatts }),
  };
}

async function carryOut(given: Arguments): Promise<void> {
  switch (given.command) {
    case 'version':
      return void process.stdout.write(`${AGENT_VERSION}\n`);
    case 'help':
      return void process.stdout.write(`${USAGE}\n`);
    case 'status': {
      const status = readStatus(layoutOf(resolve(given.dir)).status);
      if (!status) throw new Error(`no agent has run in ${given.dir}`);
      return void process.stdout.write(`${JSON.stringify(status, null, 2)}\n`);
    }
    case 'check':
      return void process.stdout.write(
        `${JSON.stringify(await checkDevice(nodeFileSystem, layoutOf(resolve(given.dir))))}\n`,
      );
    case 'enroll': {
      const deviceId = await enrollDevice(optionsFor(given.dir), given.enroll, ending.signal);
      return void process.stdout.write(`${JSON.stringify({ deviceId })}\n`);
    }
    case 'run':
    case 'up': {
      if (given.run.exitWithParent) watchParent(() => ending.abort());
      const options = optionsFor(given.dir, given.run);
      if (given.command === 'up') await enrollDevice(options, given.enroll, ending.signal);
      if ((await runAgent(options, ending.signal)) === 'restart') startAgain(resolve(given.dir));
    }
  }
}

for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => ending.abort());
try {
  await carryOut(parseArguments(process.argv.slice(2)));
  process.exit(0);
} catch (error) {
  if (ending.signal.aborted) process.exit(0);
  process.stderr.write(`flotilla-agent: ${messageOf(error)}\n${error instanceof UsageError ? `${USAGE}\n` : ''}`);
  process.exit(error instanceof UsageError ? EXIT_USAGE : EXIT_FAILED);
}
