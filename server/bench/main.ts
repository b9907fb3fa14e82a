import { argv, exit } from 'node:process';

/** `npm run bench -- NAME [flags]`: each prints a table for people and, with `--json`, one last line for programs. */
const benches: Record<string, () => Promise<{ run: (argv: string[]) => Promise<object> }>> = {
  agent: () => import('./agent.ts'),
  alerts: () => import('./alerts.ts'),
  console: () => import('./console.ts'),
  drift: () => import('./drift.ts'),
  gates: () => import('./gates.ts'),
  ingest: () => import('./ingest.ts'),
  ort: () => import('./ort.ts'),
  rollout: () => import('./rollout.ts'),
  storage: () => import('./storage.ts'),
};

const [name = '', ...flags] = argv.slice(2);
const load = benches[name];
if (!load) {
  console.error(`npm run bench -- NAME [--json]; NAME is one of: ${Object.keys(benches).join(', ')}`);
  exit(2);
}
try {
  const { run } = await load();
  const figures = await run(flags.filter((flag) => flag !== '--json'));
  if (flags.includes('--json')) console.log(JSON.stringify({ bench: name, ...figures }));
  exit(0);
} catch (error) {
  console.error(`\n${error instanceof Error ? error.message : String(error)}`);
  exit(1);
}
