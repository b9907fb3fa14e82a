import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { extract } from 'tar';
import { type Platform, packageDirOf } from './package.ts';

/**
 * The packages in which npm carries Node, one a platform, as `npm view node-<platform>@<version> dist.integrity` says. They are of the version
 * of `node` in package.json: a test holds them together.
 */
const PINNED: Record<Platform, { version: string; integrity: string }> = {
  'linux-x64': {
    version: '24.21.0',
    integrity: 'sha512-3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==',
  },
  'linux-arm64': {
    version: '24.21.0',
    integrity: 'sha512-FpJRPEz2OvvTLfjIOlNGFY9JLPMKgl5m+d4oGYBLg24kJ1mmvN1Zl/HPJgF4HDaJ51ISev1l1cRZ/DM+keXW5g==',
  },
};

/** A package of 50 MB over a slow line. */
const FETCH_TIMEOUT_MS = 10 * 60_000;

export type NodeSource = { integrity?: string; registry?: string | undefined };

/**
 * The folder of a package with Node for this platform: of this machine's own the one that is installed, of another one from the registry, by
 * the npm that is here and its cache. Null when no registry answers; then `say` is told what that means. @throws Error when the bytes are not
 * those that are pinned.
 */
export async function nodeFor(
  platform: Platform,
  workDir: string,
  say: (sentence: string) => void,
  source: NodeSource = {},
): Promise<string | null> {
  if (platform === `${process.platform}-${process.arch}`) return packageDirOf('node');
  try {
    return await fetchNode(platform, workDir, source);
  } catch (error) {
    if (error instanceof WrongBytes) throw error;
    const why = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
    say(
      `the package for ${platform} brings no Node, because npm could not fetch it (${why}): such a device must have Node 22.15 or newer. Delete agent/dist and build again where a registry answers.`,
    );
    return null;
  }
}

class WrongBytes extends Error {}

export async function fetchNode(platform: Platform, workDir: string, source: NodeSource): Promise<string> {
  const { version, integrity } = { ...PINNED[platform], ...source };
  const name = `node-${platform}`;
  const dir = join(workDir, name);
  await rm(dir, { recursive: true, force: true });
  await mkdir(dir, { recursive: true });
  const from = source.registry === undefined ? [] : [`--registry=${source.registry}`, '--prefer-online'];
  const options = ['--prefer-offline', '--fetch-retries=0', ...from, '--pack-destination', dir];
  await promisify(execFile)('npm', ['pack', `${name}@${version}`, ...options], { cwd: dir, timeout: FETCH_TIMEOUT_MS });
  const archive = join(dir, `${name}-${version}.tgz`);
  const digest = createHash('sha512').update(await readFile(archive));
  const found = `sha512-${digest.digest('base64')}`;
  if (found !== integrity) throw new WrongBytes(`${name}@${version} is not what is pinned: ${found}`);
  await extract({ file: archive, cwd: dir, strip: 1 }, ['package/package.json', 'package/bin/node']);
  await rm(archive);
  return dir;
}
