import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream, type WriteStream } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

export type ProcessSpec = {
  name: string;
  /** What is started; without it, Node. */
  program?: string;
  args: string[];
  env: NodeJS.ProcessEnv;
  logFile: string;
};

const FIRST_RESTART_MS = 500;
const MAX_RESTART_MS = 15_000;
/** A process that ran this long starts with a short wait again. */
const STABLE_MS = 30_000;
const STOP_TIMEOUT_MS = 10_000;

type Running = { spec: ProcessSpec; child: ChildProcess; stopped: Promise<void>; pause: AbortController };

/**
 * Keeps processes running: one that ends is started again after a growing wait. Each is a group of its own, so that Ctrl-C in a
 * terminal reaches the supervisor alone; each ends when the channel to the supervisor closes, so that none outlives it. What a process
 * leaves behind in its group ends with it, as under systemd.
 */
export class Supervisor {
  private readonly running: Running[] = [];
  private isStopping = false;

  start(spec: ProcessSpec): void {
    const log = createWriteStream(spec.logFile, { flags: 'a', mode: 0o600 });
    const entry: Running = { spec, child: launch(spec, log), stopped: Promise.resolve(), pause: new AbortController() };
    entry.stopped = this.keep(entry, log);
    this.running.push(entry);
  }

  /** The pid of a process by name, for those who want to kill it. */
  pidOf(name: string): number | undefined {
    return this.running.find(({ spec }) => spec.name === name)?.child.pid;
  }

  /** Starts a process that is down without its wait, for those who have killed it. */
  revive(name: string): void {
    this.running.find(({ spec }) => spec.name === name)?.pause.abort();
  }

  /** Ends all, in reverse order of start. */
  async stop(): Promise<void> {
    this.isStopping = true;
    for (const { child, stopped } of [...this.running].reverse()) {
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
      await stopped;
      clearTimeout(timer);
    }
  }

  private async keep(entry: Running, log: WriteStream): Promise<void> {
    for (let failures = 0; ; failures += 1) {
      const startedAt = Date.now();
      await new Promise<void>((resolve) => entry.child.once('exit', () => resolve()));
      endGroup(entry.child);
      if (this.isStopping) return;
      if (Date.now() - startedAt > STABLE_MS) failures = 0;
      const waitMs = Math.min(MAX_RESTART_MS, FIRST_RESTART_MS * 2 ** failures) * (0.75 + Math.random() / 4);
      entry.pause = new AbortController();
      await delay(waitMs, undefined, { signal: entry.pause.signal }).catch(() => undefined);
      if (this.isStopping) return;
      entry.child = launch(entry.spec, log);
    }
  }
}

function launch({ program = process.execPath, args, env }: ProcessSpec, log: WriteStream): ChildProcess {
  const child = spawn(program, args, { env, detached: true, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
  child.stdout?.pipe(log, { end: false });
  child.stderr?.pipe(log, { end: false });
  child.on('error', (error) => log.write(`${error.stack ?? error.message}\n`));
  return child;
}

function endGroup({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // Nothing was left.
  }
}
