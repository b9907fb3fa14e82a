import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { create } from 'tar';
import * as z from 'zod';
import { readText } from '../../connection/http.ts';
import { Engine } from '../../container/engine/engine.ts';
import { until } from '../wait.ts';
import { Daemon, requirePrograms, systemEnv } from './programs.ts';

/** Characters of the engine's log that are shown when a test fails. */
const MAX_LAST_WORDS = 4_000;

/** Networks of the tests' engines and of nobody else: sixteen of them. */
const ADDRESSES = 'base=10.214.0.0/22,size=26';
const BRIDGE = /\b(\S+) +inet 10\.214\.[0-3]\.\d+\//g;

/**
 * Bridges outlive an engine that was killed, and no later engine gives their addresses away: after a few such runs a machine had none
 * left, and no container was started on it any more.
 */
function removeBridges(): void {
  if (isEngineAlive()) return;
  const env = systemEnv();
  const lines = execFileSync('ip', ['-4', '-oneline', 'address'], { encoding: 'utf8', env });
  for (const [, name = ''] of lines.matchAll(BRIDGE)) execFileSync('ip', ['link', 'delete', name], { env });
}

/** Does another run of the tests have its engine on this machine right now? */
function isEngineAlive(): boolean {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.some((pid) => {
    const [program = '', ...args] = textOf(`/proc/${pid}/cmdline`).split('\0');
    return program.endsWith('dockerd') && args.includes(ADDRESSES);
  });
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** An engine that fell leaves its mounts, and a folder with mounts cannot be removed. */
function unmountUnder(dir: string): void {
  const mounts = readFileSync('/proc/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[1] ?? '');
  for (const path of mounts.filter((each) => each.startsWith(`${dir}/`)).reverse()) execFileSync('umount', [path]);
}

const Ids = z.array(z.looseObject({ Id: z.string() }));

export type Docker = Awaited<ReturnType<typeof startDocker>>;
const Line = z.looseObject({
  error: z.string().optional(),
  aux: z.looseObject({ ID: z.string().optional(), Digest: z.string().optional() }).optional(),
});

/** A Docker Engine of the tests' own: its own folder, socket and containers. Needs root. */
export async function startDocker(dir: string) {
  requirePrograms(['dockerd', 'iptables', 'ip'], ['docker.io', 'iptables', 'iproute2']);
  mkdirSync(dir, { recursive: true });
  const socket = join(dir, 'docker.sock');
  // Its bridge would be the one of an engine that this machine may have already.
  const args = [
    '--bridge',
    'none',
    '--data-root',
    join(dir, 'data'),
    '--exec-root',
    join(dir, 'exec'),
    '--pidfile',
    join(dir, 'pid'),
    '--default-address-pool',
    ADDRESSES,
  ];
  removeBridges();
  const start = () => new Daemon('dockerd', [...args, '-H', `unix://${socket}`], join(dir, 'dockerd.log'));
  let daemon = start();
  const engine = new Engine(socket);
  const isReady = async () => (await engine.version()) !== null;
  await daemon.whenReady(isReady);

  /** Reads an answer of JSON lines; throws the error in it. */
  async function lines(response: Readable): Promise<z.infer<typeof Line>[]> {
    const found: z.infer<typeof Line>[] = [];
    let text = '';
    for await (const chunk of response) text += chunk;
    for (const line of text.split('\n').filter((each) => each.trim() !== '')) {
      const parsed = Line.parse(JSON.parse(line));
      if (parsed.error) throw new Error(parsed.error);
      found.push(parsed);
    }
    return found;
  }
  /** Removes every container and network, as an engine must before it ends: it leaves the bridges otherwise. */
  async function clean(): Promise<void> {
    const all = { method: 'GET', path: '/containers/json', query: { all: 'true' } } as const;
    const filters = JSON.stringify({ type: ['custom'] });
    const made = { method: 'GET', path: '/networks', query: { filters } } as const;
    // An agent that was killed may have asked for one more container, which the engine still makes.
    await until('nothing is left', async () => {
      for (const { Id } of await engine.json(all, Ids)) await engine.remove(`/containers/${Id}`, { force: 'true' });
      const networks = await engine.json(made, Ids);
      for (const { Id } of networks) await engine.remove(`/networks/${Id}`).catch(() => {});
      return networks.length === 0;
    });
  }
  return {
    engine,
    socket,
    /** Builds from a folder with its Dockerfile. */
    async build(context: string, tag: string, options: Record<string, string> = {}): Promise<void> {
      const archive = create({ cwd: context, portable: false }, ['.']) as unknown as AsyncIterable<Uint8Array>;
      const query = { t: tag, networkmode: 'none', ...options };
      const timeoutMs = 300_000;
      await lines(await engine.open({ method: 'POST', path: '/build', query, timeoutMs }, archive));
    },
    /** Pushes to a registry of ours and returns the digest by which it is pulled, hex. */
    async push(
      tag: string,
      registry: { host: string; auth: { username: string; password: string } | null },
      name: string,
    ) {
      const query = { repo: `${registry.host}/${name}`, tag: 'latest' };
      await engine.run({ method: 'POST', path: `/images/${tag}/tag`, query });
      const headers = { 'x-registry-auth': Buffer.from(JSON.stringify(registry.auth ?? {})).toString('base64') };
      const path = `/images/${registry.host}/${name}/push`;
      const call = { method: 'POST', path, query: { tag: 'latest' }, headers, timeoutMs: 300_000 } as const;
      const digest = (await lines(await engine.open(call))).find(({ aux }) => aux?.Digest)?.aux?.Digest;
      if (!digest) throw new Error('the engine pushed without a digest');
      await engine.remove(`/images/${registry.host}/${name}:latest`);
      return digest.replace('sha256:', '');
    },
    /** What the engine says, as it says it. */
    async get(path: string, query: Record<string, string> = {}): Promise<unknown> {
      return JSON.parse(await readText(await engine.open({ method: 'GET', path, query })));
    },
    /** As an upgrade of its package does: every container ends with it. */
    down: () => daemon.stop(),
    async up(): Promise<void> {
      daemon = start();
      await daemon.whenReady(isReady);
    },
    clean,
    /** The end of what it wrote to its log. */
    lastWords: () => readFileSync(join(dir, 'dockerd.log'), 'utf8').slice(-MAX_LAST_WORDS),
    async stop(): Promise<void> {
      // What stays is the next run's to remove; why this one ends is more to the point.
      await clean().catch(() => {});
      engine.close();
      await daemon.stop();
      unmountUnder(dir);
    },
  };
}
