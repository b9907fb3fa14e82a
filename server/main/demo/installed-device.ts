import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';

const agentDir = resolve(import.meta.dirname, '../../../agent');

export type InstalledDevice = { launcher: string; dataDir: string; isEnrolled: boolean };

/**
 * Lays out a device as `install.sh` does, so that it upgrades itself like any other: the launcher `flotilla-agent`, the program `agent`, and
 * its state in `data`. The program is this checkout's, shared by all; what a device upgrades itself to is its own.
 */
export async function installDevice(dir: string): Promise<InstalledDevice> {
  const [launcher, program, dataDir] = [join(dir, 'flotilla-agent'), join(dir, 'agent'), deviceDataDir(dir)];
  await moveBareState(dir, dataDir);
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  await rm(program, { force: true });
  await symlink(join(agentDir, 'dist'), program);
  const script = await readFile(join(agentDir, 'launcher.sh'), 'utf8');
  const text = script.replace("'@DIR@'", () => quoted(dir)).replace("'@NODE@'", () => quoted(process.execPath));
  await writeFile(launcher, text, { mode: 0o755 });
  return { launcher, dataDir, isEnrolled: existsSync(join(dataDir, 'identity', 'identity.json')) };
}

/** Where the agent of a device keeps its state. */
export function deviceDataDir(dir: string): string {
  return join(dir, 'data');
}

/** A word of a shell, whatever is in it. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** A demo from before its devices had a launcher kept an agent's state in the device's folder itself. */
async function moveBareState(dir: string, dataDir: string): Promise<void> {
  const aside = `${dir}.moving`;
  if (existsSync(join(dir, 'identity'))) await rename(dir, aside);
  if (!existsSync(aside)) return;
  await mkdir(dir, { recursive: true, mode: 0o700 });
  await rename(aside, dataDir);
}
