import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const MOUNT = 'mount -t tmpfs -o "$1" tmpfs "$0" && shift && exec "$@"';

/**
 * A command that gives the command behind it a small file system of its own at `dir`, which nobody else sees and which is gone with it.
 * `size` is in the words of `mount -t tmpfs -o`. @throws Error with what is needed where no file system can be mounted.
 */
export async function smallDiskLauncher(dir: string, size: string): Promise<string[]> {
  const refusals: string[] = [];
  for (const namespace of ['-Urm', '-m']) {
    const launcher = ['unshare', namespace, 'sh', '-c', MOUNT, dir, size];
    const refusal = await refusalOf(launcher);
    if (refusal === null) return launcher;
    refusals.push(refusal);
  }
  throw new Error(
    'A full disk is tested on a real small file system, and none can be mounted here. This needs Linux with `unshare` and either ' +
      'user namespaces for this user (on Ubuntu: `sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0`) or ' +
      `root with CAP_SYS_ADMIN (in Docker: \`--privileged\`). What was tried: ${refusals.join('; ')}`,
  );
}

async function refusalOf([program = '', ...args]: readonly string[]): Promise<string | null> {
  try {
    await promisify(execFile)(program, [...args, 'true']);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message.trim() : String(error);
  }
}
