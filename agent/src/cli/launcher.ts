import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Set by the launcher: its own path. It keeps the folder `data` beside itself, and what it starts next in there. */
const LAUNCHER = 'FLOTILLA_LAUNCHER';

/** The launcher that started this agent and will start its successor; null without one, and where Node cannot replace a process. */
export function launcherOf(dataDir: string): string | null {
  const launcher = process.env[LAUNCHER];
  if (!launcher || typeof process.execve !== 'function') return null;
  return existsSync(launcher) && join(dirname(launcher), 'data') === dataDir ? launcher : null;
}

/** Becomes the launcher, with the same arguments, under the same process id: whoever watches over this process notices nothing. */
export function startAgain(dataDir: string): void {
  const launcher = launcherOf(dataDir);
  if (launcher) process.execve?.(launcher, [launcher, ...process.argv.slice(2)], process.env);
}
