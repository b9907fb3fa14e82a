import { join } from 'node:path';
import { writeAtomically } from '../state/atomic-file.ts';
import type { FileSystem } from '../state/file-system.ts';
import type { TrialMark } from './inputs.ts';

/** The program that `install.sh` laid out. It belongs to root, and is never removed by the agent. */
export const INSTALLED = 'installed';

/** A program: the one installed, or the folder of a package, named by its digest. */
export type Program = string;

/**
 * What the launcher reads at every start, one line of words: the program to start; one on trial, how often it was started, and the seconds
 * it has each time. The launcher counts, and writes `failed` for the count when it was too often.
 */
export type LaunchNote = {
  confirmed: Program;
  trial?: { program: Program; starts: number | 'failed'; seconds: number };
};

export const LAUNCH_FILE = 'launch';

/** A note that is not there, or that no launcher of ours wrote, means the installed program, as it does to the launcher. */
export async function readLaunchNote(fs: FileSystem, dir: string): Promise<LaunchNote> {
  const bytes = await fs.read(join(dir, LAUNCH_FILE));
  const [confirmed, program, starts, seconds] = Buffer.from(bytes ?? '')
    .toString('utf8')
    .trim()
    .split(/\s+/);
  const note = { confirmed: confirmed && isProgram(confirmed) ? confirmed : INSTALLED };
  if (!program || !isProgram(program)) return note;
  const count = starts === 'failed' ? starts : Number(starts) || 0;
  return { ...note, trial: { program, starts: count, seconds: Number(seconds) || 0 } };
}

/** The one atomic step by which another program becomes the one that starts next. */
export async function writeLaunchNote(fs: FileSystem, dir: string, { confirmed, trial }: LaunchNote): Promise<void> {
  const words = trial ? [confirmed, trial.program, trial.starts, trial.seconds] : [confirmed];
  await writeAtomically(fs, join(dir, LAUNCH_FILE), `${words.join(' ')}\n`);
}

/** What the note says of this package. */
export function markOf({ trial }: LaunchNote, program: Program | undefined): TrialMark {
  if (!trial || trial.program !== program) return 'none';
  return trial.starts === 'failed' ? 'failed' : 'trial';
}

function isProgram(word: string): boolean {
  return word === INSTALLED || /^[0-9a-f]{64}$/.test(word);
}
