import { join } from 'node:path';
import { build, type Plugin } from 'esbuild';

const agentDir = import.meta.dirname;

const NOTHING = 'module.exports = {}';

/**
 * What the bundle has instead of parts of its libraries, as CommonJS: WebSockets, proxies, timers of browsers, topic aliases of MQTT 5
 * and debug lines are never used on a device, and Node has streams of its own.
 */
const replaced: Record<string, string> = {
  ws: NOTHING,
  socks: NOTHING,
  'worker-timers': NOTHING,
  'lru-cache': NOTHING,
  debug: 'module.exports = () => () => {}',
  'readable-stream': "module.exports = require('node:stream')",
};

/** What {@link replaced} says. */
const replacements: Plugin = {
  name: 'replacements',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^[a-z-]+$/ }, ({ path }) => (path in replaced ? { path, namespace: 'replaced' } : null));
    onLoad({ filter: /./, namespace: 'replaced' }, ({ path }) => ({ contents: replaced[path] ?? NOTHING }));
  },
};

/**
 * Takes Node's own modules by `require`. An ES import of `node:http` reads every export of it, the lazy ones too, and with them loads
 * Node's whole `fetch`: memory and time at the start for what a device never calls.
 */
const lazyBuiltins: Plugin = {
  name: 'lazy-builtins',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^node:/ }, ({ path, kind }) =>
      kind === 'require-call' ? { path, external: true } : { path, namespace: 'builtin' },
    );
    onLoad({ filter: /./, namespace: 'builtin' }, ({ path }) => ({
      contents: `module.exports = require(${JSON.stringify(path)})`,
    }));
  },
};

/**
 * Bundles the agent and the runner, minified, to `agent.mjs` and `runner.mjs` in `outdir`. `buildId` goes into the agent's version; `banner` is
 * run before everything else. Resolves with the folders of the packages that are in them.
 */
export async function bundle(outdir: string, buildId: string, banner = ''): Promise<string[]> {
  const { metafile } = await build({
    entryPoints: { agent: join(agentDir, 'src/main.ts'), runner: join(agentDir, 'src/runner/main.ts') },
    outdir,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    minify: true,
    platform: 'node',
    format: 'esm',
    target: 'node22',
    external: ['onnxruntime-node'],
    plugins: [replacements, lazyBuiltins],
    define: { __AGENT_BUILD__: JSON.stringify(buildId) },
    banner: { js: `import{createRequire}from'node:module';const require=createRequire(import.meta.url);${banner}` },
    legalComments: 'none',
    logLevel: 'warning',
    metafile: true,
    absWorkingDir: agentDir,
  });
  const used = Object.values(metafile.outputs).flatMap(({ inputs }) =>
    Object.entries(inputs).filter(([, { bytesInOutput }]) => bytesInOutput > 0),
  );
  const folders = used.map(([path]) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0]);
  return [...new Set(folders.filter((folder) => folder !== undefined))].map((folder) => join(agentDir, folder));
}
