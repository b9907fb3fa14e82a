import { spawn } from 'node:child_process';
import { openSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const STOP_TIMEOUT_MS = 15_000;

const pidFile = (dir: string) => join(dir, 'agent.pid');

/**
 * Runs the command of the enrollment page as a person on the board would, but for a folder and a name of its own and without a
 * service. It stays in the foreground, in a process group that {@link endAgent} ends after the run.
 */
export async function runInstallCommand(command: string, { dir, name }: { dir: string; name: string }): Promise<void> {
  const log = openSync(join(dir, 'agent.log'), 'a', 0o600);
  const { PATH, HOME } = process.env;
  const child = spawn('sh', ['-c', `${command} --dir ${join(dir, 'agent')} --name ${name} --no-service`], {
    detached: true,
    stdio: ['ignore', log, log],
    env: { NODE_ENV: 'production', PATH, HOME, ORT_DISABLE_TELEMETRY: '1' },
  });
  child.unref();
  await writeFile(pidFile(dir), String(child.pid));
}

/** Ends the agent and what it started; nothing when none was started. */
export async function endAgent(dir: string): Promise<void> {
  const pid = Number(await readFile(pidFile(dir), 'utf8').catch(() => ''));
  if (!pid || !signal(pid, 'SIGTERM')) return;
  for (const deadline = Date.now() + STOP_TIMEOUT_MS; Date.now() < deadline; await delay(100))
    if (!signal(pid, 0)) return;
  signal(pid, 'SIGKILL');
}

/** To the whole group; says whether anything of it is left. */
function signal(pid: number, kind: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-pid, kind);
  } catch {
    return false;
  }
}
