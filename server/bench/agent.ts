import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs, promisify } from 'node:util';
import * as z from 'zod';
import { build } from '../main/build.ts';
import { type AgentStand, agentProgram, startAgentStand } from '../testing/agent-stand.ts';
import { type Closers, cleaningUp } from '../testing/cleaning-up.ts';
import { type Footprint, footprintsOf, median } from './agent/footprint.ts';
import { startPeers } from './agent/peers.ts';
import { startBenchDatabase } from './database.ts';

const Flags = z.object({
  seconds: z.coerce.number().int().min(5).max(3_600).default(30),
  settleSeconds: z.coerce.number().int().min(1).max(600).default(15),
  starts: z.coerce.number().int().min(1).max(100).default(7),
});

/** As the unit file and the start script of `install.sh` start it. */
const NODE_FLAGS = ['--optimize-for-size', '--max-semi-space-size=1'];
const CONNECT_TIMEOUT_MS = 30_000;

const say = (line: string) => console.log(`  ${line} …`);
const execute = promisify(execFile);

type Figures = Record<string, number>;

/**
 * The agent's footprint, enrolled, idle and connected over mutual TLS to Mosquitto with a worker behind it; how long it takes from its
 * start to that; and what its runner adds to an inference. Beside it, at the same time: bare Node, `mosquitto_sub` on the same broker
 * and Debian's Mender client. Every process is this machine's only one of its kind but Node, whose text is shared: PSS depends on it.
 */
export async function run(argv: string[]): Promise<object> {
  const options = {
    seconds: { type: 'string' },
    'settle-seconds': { type: 'string' },
    starts: { type: 'string' },
  } as const;
  const { values } = parseArgs({ args: argv, options });
  const flags = Flags.parse({ ...values, settleSeconds: values['settle-seconds'] });
  await build(['generate', 'agent'], say);
  return cleaningUp(async (closers) => {
    const dir = await mkdtemp(join(tmpdir(), 'flotilla-bench-agent-'));
    await chmod(dir, 0o711);
    closers.push(() => rm(dir, { recursive: true, force: true }));
    say('starting database, broker and worker');
    const { url } = await startBenchDatabase(join(dir, 'data'), closers);
    const stand = await startAgentStand(url, closers);
    const coldStartMs = await coldStart(stand, join(dir, 'cold'), flags.starts);
    const memory = await idle(stand, dir, flags, closers);
    const overhead = await runnerOverhead();
    return print(memory, { coldStartMs, ...overhead });
  });
}

/** Median of several starts, from the start of the process to its word that it is connected. The page cache is warm. */
async function coldStart(stand: AgentStand, dir: string, starts: number): Promise<number> {
  say('starting the agent several times');
  await stand.enrollAgent(dir);
  const times: number[] = [];
  for (let start = 0; start <= starts; start++) {
    const agent = await startAgent(dir);
    if (start > 0) times.push(agent.connectedMs);
    const ended = once(agent.child, 'exit');
    agent.child.kill('SIGTERM');
    await ended;
  }
  return median(times);
}

async function idle(
  stand: AgentStand,
  dir: string,
  { seconds, settleSeconds }: z.infer<typeof Flags>,
  closers: Closers,
): Promise<Record<string, Footprint>> {
  await stand.enrollAgent(join(dir, 'idle'));
  const { child } = await startAgent(join(dir, 'idle'));
  closers.push(async () => void child.kill('SIGKILL'));
  const peers = await startPeers(stand, dir, say);
  for (const peer of Object.values(peers)) closers.push(async () => void peer.kill('SIGKILL'));
  say(`leaving them alone for ${settleSeconds} s, then watching for ${seconds} s`);
  await delay(settleSeconds * 1000);
  const all = { agent: child, ...peers };
  for (const [name, process] of Object.entries(all))
    if (process.exitCode !== null) throw new Error(`${name} ended by itself with code ${process.exitCode}`);
  return footprintsOf(
    mapValues(all, ({ pid }) => pid ?? 0),
    seconds,
  );
}

async function startAgent(dir: string): Promise<{ child: ChildProcess; connectedMs: number }> {
  const startedMs = performance.now();
  const where = ['run', '--dir', dir, '--oip-port', '0', '--engine-socket', join(dir, 'none.sock')];
  const child = spawn(process.execPath, [...NODE_FLAGS, agentProgram, ...where], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { NODE_ENV: 'production', PATH: process.env.PATH, MALLOC_ARENA_MAX: '1', ORT_DISABLE_TELEMETRY: '1' },
  });
  let log = '';
  const connectedMs = await new Promise<number>((done, fail) => {
    const timer = setTimeout(() => fail(new Error(`the agent did not connect:\n${log}`)), CONNECT_TIMEOUT_MS);
    child.stderr?.on('data', (chunk: Buffer) => {
      if (log.includes('connected to the server')) return;
      log += chunk.toString();
      if (!log.includes('connected to the server')) return;
      clearTimeout(timer);
      done(performance.now() - startedMs);
    });
  });
  return { child, connectedMs };
}

/** In a process of its own, because ONNX Runtime's telemetry is turned off in the environment. */
async function runnerOverhead(): Promise<Figures> {
  say('comparing the runner with a bare loop over ONNX Runtime');
  const program = resolve(import.meta.dirname, '../../agent/bench/overhead.ts');
  const env = { ...process.env, ORT_DISABLE_TELEMETRY: '1' };
  const { stdout } = await execute(process.execPath, ['--max-semi-space-size=1', program], { env });
  return z.record(z.string(), z.number()).parse(JSON.parse(stdout));
}

function print(memory: Record<string, Footprint>, figures: Figures): object {
  const { agent, ...peers } = mapValues(memory, (footprint) => mapValues(footprint, (value) => round(value)));
  console.log('\n  idle, connected       RSS MiB   PSS MiB   private-dirty MiB   CPU %');
  for (const [name, each] of Object.entries({ agent, ...peers })) {
    const { rssMiB, pssMiB, privateDirtyMiB, cpuPercent } = each as Footprint;
    const cells = [rssMiB, pssMiB, privateDirtyMiB].map((value) => value.toFixed(1));
    const [rss = '', pss = '', dirty = ''] = cells;
    console.log(
      `  ${name.padEnd(20)} ${rss.padStart(8)}  ${pss.padStart(8)}  ${dirty.padStart(18)}  ${cpuPercent.toFixed(2).padStart(6)}`,
    );
  }
  console.log('');
  const rounded = mapValues(figures, (value) => round(value));
  for (const [name, value] of Object.entries(rounded)) console.log(`  ${name.padEnd(26)} ${value}`);
  const { rssMiB, pssMiB, privateDirtyMiB, cpuPercent } = agent as Footprint;
  const idleFigures = {
    idleRssMiB: rssMiB,
    idlePssMiB: pssMiB,
    idlePrivateDirtyMiB: privateDirtyMiB,
    idleCpuPercent: cpuPercent,
  };
  return { ...idleFigures, ...rounded, peers };
}

function mapValues<In, Out>(values: Record<string, In>, map: (value: In) => Out): Record<string, Out> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, map(value)]));
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
