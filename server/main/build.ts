import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const root = join(import.meta.dirname, '../..');

/** What each product is made from, and the command that makes it. */
const products = {
  generate: {
    sources: ['prisma/schema', 'prisma.config.ts', 'package-lock.json'],
    mark: 'server/db/generated/.built',
    command: ['prisma', 'generate'],
  },
  agent: { sources: [], mark: null, command: ['node', 'agent/build.ts'] },
  web: {
    sources: [
      'app',
      'components',
      'server',
      'agent/protocol/src',
      'prisma/schema',
      'proxy.ts',
      'next.config.ts',
      'postcss.config.cjs',
      'tsconfig.json',
      'package-lock.json',
    ],
    mark: '.next/built',
    command: ['next', 'build'],
  },
} as const;

type Product = keyof typeof products;

/** Builds what is missing or older than its sources, in order; says what it does through `say`. */
export async function build(names: readonly Product[], say: (line: string) => void): Promise<void> {
  for (const name of names) {
    const { sources, mark, command } = products[name];
    const hash = mark === null ? null : await hashOf(sources);
    if (hash !== null && mark !== null && (await readFile(join(root, mark), 'utf8').catch(() => '')) === hash) continue;
    say(`building ${name}`);
    await run(command).catch(async (error: unknown) => {
      if (name !== 'web') throw error;
      // A build that was interrupted leaves files that the next one cannot read.
      await rm(join(root, '.next'), { recursive: true, force: true });
      await run(command);
    });
    if (hash !== null && mark !== null) await writeMark(join(root, mark), hash);
  }
}

async function writeMark(path: string, hash: string): Promise<void> {
  await mkdir(join(path, '..'), { recursive: true });
  await writeFile(path, hash);
}

async function hashOf(sources: readonly string[]): Promise<string> {
  const hash = createHash('sha256').update(process.version);
  for (const source of sources) {
    for (const file of await filesOf(join(root, source))) hash.update(file).update(await readFile(file));
  }
  return hash.digest('hex');
}

/** A file itself, or the sources under a folder, in order; tests and generated code are not part of a product. */
async function filesOf(path: string): Promise<string[]> {
  const entries = await readdir(path, { withFileTypes: true, recursive: true }).catch(() => null);
  if (entries === null) return [path];
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return files.filter((file) => !/\.test\.tsx?$|\/generated\//.test(file)).sort();
}

async function run([program, ...args]: readonly string[]): Promise<void> {
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    NODE_ENV: 'production',
    NEXT_TELEMETRY_DISABLED: '1',
    PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
    PATH: `${join(root, 'node_modules/.bin')}:${process.env.PATH}`,
  };
  const child = spawn(program ?? '', args, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      output = (output + chunk.toString()).slice(-20_000);
    });
  const code = await new Promise<number | null>((resolve, reject) =>
    child.once('error', reject).once('close', resolve),
  );
  if (code !== 0) throw new Error(`"${[program, ...args].join(' ')}" ended with ${code}:\n${output}`);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const names: Product[] = process.argv[2] === 'generate' ? ['generate'] : ['generate', 'agent', 'web'];
  await build(names, (line) => console.log(line));
}
