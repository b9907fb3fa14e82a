import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import * as z from 'zod';

const program = resolve(import.meta.dirname, '../../../agent/simulator/main.ts');

/** Goodbyes of thousands of devices take a while. */
const STOP_TIMEOUT_MS = 30_000;
const REPORT_TIMEOUT_MS = 30_000;

const Ready = z.looseObject({
  enrolled: z.number(),
  enrollS: z.number(),
  connected: z.number(),
  connectS: z.number(),
});

const Report = z.looseObject({
  devices: z.number(),
  connected: z.number(),
  versions: z.record(z.string(), z.number()),
  /** What devices were told: `conflicts` is one generation with two contents, `fallen` a generation after a higher one. */
  ledger: z.object({ documents: z.number(), conflicts: z.array(z.string()), fallen: z.array(z.string()) }),
  cpuS: z.number(),
  rssMb: z.number(),
});

const Message = z.discriminatedUnion('kind', [
  Ready.extend({ kind: z.literal('ready') }),
  Report.extend({ kind: z.enum(['report', 'begin', 'stop']) }),
  z.object({ kind: z.literal('failed'), message: z.string() }),
]);

export type SimulatorOrder = {
  url: string;
  token: string | null;
  /** Where it keeps keys and certificates of all servers; each server gets a folder of its own. */
  dir: string;
  /** Flags as they are typed. */
  flags: readonly string[];
  /** Null: it speaks on this process's own output. */
  logFile: string | null;
};

export type Simulator = {
  /** All devices are enrolled and had their turn to connect. @throws Error with a sentence of the simulator's own. */
  ready: Promise<z.infer<typeof Ready>>;
  /** Resolves when the process has ended, for whatever reason. */
  ended: Promise<void>;
  /** Lets the scenario's trouble begin; for a simulator that was told to `--wait`. */
  begin: () => void;
  report: () => Promise<z.infer<typeof Report>>;
  stop: () => Promise<void>;
};

/** What the simulator says of its own flags and scenarios. */
export function simulatorHelp(): string {
  return execFileSync(process.execPath, [program, '--help'], { encoding: 'utf8' });
}

/** Starts virtual devices as a process of their own: an agent's code, of which a server knows nothing but the protocol. */
export function startSimulator({ url, token, dir, flags, logFile }: SimulatorOrder): Simulator {
  const own = join(dir, createHash('sha256').update(url).digest('hex').slice(0, 12));
  const ours = ['--url', url, '--dir', own, ...(token === null ? [] : ['--token', token])];
  const args = [program, ...flags, ...ours];
  const output = logFile === null ? 'inherit' : 'pipe';
  const child = spawn(process.execPath, args, { detached: true, stdio: ['ignore', output, output, 'ipc'] });
  if (logFile !== null) {
    const log = createWriteStream(logFile, { flags: 'a', mode: 0o600 });
    child.stdout?.pipe(log, { end: false });
    child.stderr?.pipe(log, { end: false });
  }
  const ended = new Promise<void>((ended) => child.once('exit', () => ended()));
  const ready = readiness(child);
  ready.catch(() => undefined);
  return {
    ready,
    ended,
    begin: () => void child.send({ kind: 'begin' }),
    report: () => reportOf(child),
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGTERM');
      const killing = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
      await ended;
      clearTimeout(killing);
    },
  };
}

function readiness(child: ChildProcess): Promise<z.infer<typeof Ready>> {
  return new Promise((resolve, reject) => {
    child.on('message', (message) => {
      const { data } = Message.safeParse(message);
      if (data?.kind === 'ready') resolve(data);
      if (data?.kind === 'failed') reject(new Error(data.message));
    });
    child.once('exit', (code) => reject(new Error(`The simulator ended before its devices were connected (${code}).`)));
  });
}

async function reportOf(child: ChildProcess): Promise<z.infer<typeof Report>> {
  const answered = new Promise<z.infer<typeof Report>>((resolve) => {
    const listen = (message: unknown) => {
      const { data } = Message.safeParse(message);
      if (data?.kind !== 'report') return;
      child.off('message', listen);
      resolve(data);
    };
    child.on('message', listen);
    child.send({ kind: 'report' });
  });
  const late = delay(REPORT_TIMEOUT_MS, null, { ref: false });
  const report = await Promise.race([answered, late]);
  if (!report) throw new Error('The simulator does not answer.');
  return report;
}
