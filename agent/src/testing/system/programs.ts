import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { until } from '../wait.ts';

/** Fails with what to install, so that nothing is ever skipped in silence. */
export function requirePrograms(programs: string[], packages: string[]): void {
  const missing = programs.filter((name) => !isInstalled(name));
  if (missing.length === 0) return;
  throw new Error(`${missing.join(', ')} not found. Install: apt-get install ${packages.join(' ')}`);
}

function isInstalled(name: string): boolean {
  try {
    execFileSync('sh', ['-c', `command -v ${name}`], { stdio: 'ignore', env: systemEnv() });
    return true;
  } catch {
    return false;
  }
}

/** Daemons lie where only root's path leads. */
export function systemEnv(): NodeJS.ProcessEnv {
  return { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` };
}

/** A daemon of the tests, ready when `isReady` says so; its output goes to `log`. */
export class Daemon {
  readonly child: ChildProcess;
  readonly exited: Promise<unknown>;
  readonly #log: string;

  constructor(program: string, args: string[], log: string) {
    this.#log = log;
    const out = openSync(log, 'a');
    this.child = spawn(program, args, { stdio: ['ignore', out, out], env: systemEnv() });
    closeSync(out);
    this.exited = new Promise((resolve) => this.child.once('exit', resolve));
  }

  async whenReady(isReady: () => Promise<boolean>): Promise<void> {
    await until(`${this.child.spawnfile} is ready`, async () => {
      if (this.child.exitCode !== null) throw new Error(`it ended:\n${readFileSync(this.#log, 'utf8').slice(-3000)}`);
      return await isReady().catch(() => false);
    });
  }

  async stop(): Promise<void> {
    this.child.kill('SIGTERM');
    await this.exited;
  }
}
