import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { extract } from 'tar';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { buildAgent } from '../build.ts';
import { bundle } from '../bundle.ts';
import { fetchNode, nodeFor } from '../node-binary.ts';
import { pack } from '../package.ts';
import { type Component, componentIn } from '../sbom.ts';
import { nodeFileSystem as fs } from './state/node-file-system.ts';
import { unpackAgent } from './upgrade/unpack.ts';

const agentDir = join(import.meta.dirname, '..');
let dir: string;
beforeAll(buildAgent, 60_000);
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'flotilla-version-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

test('the bundle alone, in an empty folder, says its version and how it is used', async () => {
  copyFileSync(join(agentDir, 'dist/agent.mjs'), join(dir, 'agent.mjs'));
  const run = (...args: string[]) =>
    promisify(execFile)(process.execPath, ['agent.mjs', ...args], { cwd: dir, env: { NODE_ENV: 'production' } });
  const { version } = JSON.parse(readFileSync(join(agentDir, 'dist/package/manifest.json'), 'utf8'));
  expect(version).toMatch(/^\d+\.\d+\.\d+\+[0-9a-f]{12}$/);
  expect(await run('--version')).toEqual({ stdout: `${version}\n`, stderr: '' });
  expect((await run('--help')).stdout).toContain('flotilla-agent up');
});

test("ONNX Runtime's telemetry is off in the agent's own process, whoever started it and with whatever environment", async () => {
  const atEnd = "process.on('exit',()=>process.stdout.write('off '+process.env.ORT_DISABLE_TELEMETRY))";
  const args = ['--import', `data:text/javascript,${atEnd}`, join(agentDir, 'dist/agent.mjs'), '--version'];
  const { stdout } = await promisify(execFile)(process.execPath, args, { env: { NODE_ENV: 'production' } });
  expect(stdout).toMatch(/\noff 1$/);
});

test('the same sources make the same packages, and the manifest says them', async () => {
  const { packages } = JSON.parse(readFileSync(join(agentDir, 'dist/package/manifest.json'), 'utf8'));
  const bundled = await Promise.all((await bundle(dir, 'b')).map(componentIn));
  const input = { platform: 'linux-arm64', workDir: dir, bundled, node: null } as const;
  const first = await pack(input);
  await new Promise((resolve) => setTimeout(resolve, 1_100)); // A second later: the time of a file is not in it.
  rmSync(join(dir, 'linux-arm64'), { recursive: true });
  expect(await pack(input)).toEqual(first);
  for (const platform of Object.keys(packages)) {
    const bytes = readFileSync(join(agentDir, `dist/package/flotilla-agent-${platform}.tar.gz`));
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(packages[platform].sha256);
  }
}, 60_000);

test.each(['linux-x64', 'linux-arm64'])('the package for %s is whole, and lists what is in it', async (platform) => {
  const archive = join(agentDir, `dist/package/flotilla-agent-${platform}.tar.gz`);
  const { packages } = JSON.parse(readFileSync(join(agentDir, 'dist/package/manifest.json'), 'utf8'));
  await unpackAgent(fs, archive, join(dir, 'program'), packages[platform].unpackedBytes, new AbortController().signal);
  expect(existsSync(join(dir, 'program/launcher.sh'))).toBe(true);
  await extract({
    file: archive,
    cwd: dir,
    filter: (path) => /sbom|node_modules\/[^/]+\/package\.json|bin\/node$/.test(path),
  });
  const top = join(dir, 'flotilla-agent');
  const { bomFormat, components } = JSON.parse(readFileSync(join(top, 'sbom.cdx.json'), 'utf8'));
  expect(bomFormat).toBe('CycloneDX');
  const named = new Map<string, string>(components.map(({ name, version }: Component) => [name, version]));
  for (const name of ['mqtt', 'mqtt-packet', 'zod', 'jose']) expect(named.has(name), name).toBe(true);
  for (const name of ['ws', 'socks', '@flotilla/protocol', 'esbuild']) expect(named.has(name), name).toBe(false);
  for (const name of ['onnxruntime-node', 'onnxruntime-common']) {
    const { version } = JSON.parse(readFileSync(join(top, 'node_modules', name, 'package.json'), 'utf8'));
    expect(named.get(name)).toBe(version);
  }
  const node = [...named.keys()].filter((name) => /^node(-linux-.*)?$/.test(name));
  expect(node).toHaveLength(1);
  // 0x3e is x86-64 and 0xb7 aarch64, in the header of an ELF file.
  const machine = readFileSync(join(top, 'bin/node')).readUInt16LE(18);
  expect(machine).toBe(platform === 'linux-x64' ? 0x3e : 0xb7);
  expect(named.get(node[0] ?? '')).toBe(process.versions.node);
});

test("Node's fetch is not loaded by the bundle: no device calls it", async () => {
  const bundle = JSON.stringify(join(agentDir, 'dist/agent.mjs'));
  const program = `process.on('exit', () => console.log(process.moduleLoadList.filter((each) => each.includes('undici')).join()));
    process.argv = ['node', 'agent', '--version']; await import(${bundle});`;
  const order = ['--input-type=module', '-e', program];
  const { stdout } = await promisify(execFile)(process.execPath, order, { env: { NODE_ENV: 'production' } });
  expect(stdout.trim().split('\n')).toHaveLength(1);
});

test('a Node that is not the pinned one stops the build; one that cannot be had is said, and left out', async () => {
  const spoiled = fetchNode('linux-arm64', dir, { integrity: 'sha512-AAAA', registry: undefined });
  await expect(spoiled).rejects.toThrow('is not what is pinned');
  const closed = { registry: 'http://127.0.0.1:9', integrity: 'sha512-AAAA' };
  const said: string[] = [];
  expect(await nodeFor('linux-arm64', dir, (sentence) => said.push(sentence), closed)).toBeNull();
  expect(said.join()).toMatch(/linux-arm64 brings no Node/);
}, 120_000);
