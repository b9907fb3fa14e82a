import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AgentPackage } from '@flotilla/protocol';
import { bundle } from '../../bundle.ts';
import { archiveName, pack, platforms } from '../../package.ts';
import { faults } from './faults.ts';

export type WholeCandidate = { version: string; package: AgentPackage; platform: string; file: string };

/**
 * Packs this agent for this machine under another version into `dir`, with a manifest, as a newer build would. It comes with its own ONNX
 * Runtime and without Node: the devices of tests have one.
 */
export async function packCandidate(
  dir: string,
  buildId: string,
  fault: keyof typeof faults = 'none',
): Promise<WholeCandidate> {
  const platform = platforms.find((each) => each === `${process.platform}-${process.arch}`);
  if (!platform) throw new Error(`there is no agent for ${process.platform}-${process.arch}`);
  await mkdir(dir, { recursive: true });
  await bundle(dir, buildId, faults[fault]);
  const packed = await pack({ platform, workDir: dir, bundled: [], node: null });
  const { version: own } = JSON.parse(await readFile(join(import.meta.dirname, '../../package.json'), 'utf8'));
  const version = `${own}+${buildId}`;
  await writeFile(join(dir, 'manifest.json'), JSON.stringify({ version, packages: { [platform]: packed } }));
  return { version, package: packed, platform, file: join(dir, archiveName(platform)) };
}
