import { createRequire } from 'node:module';
import { join } from 'node:path';
import { cruise, type ICruiseResult } from 'dependency-cruiser';
import extractTSConfig from 'dependency-cruiser/config-utl/extract-ts-config';

/** A cruise that sees fewer modules is broken (a compiler it cannot use, a wrong folder), and would pass everything. */
const MIN_MODULES = 400;

const root = join(import.meta.dirname, '../..');
const { forbidden, options } = createRequire(import.meta.url)(join(root, '.dependency-cruiser.cjs'));

process.chdir(root);
const { output } = await cruise(
  ['app', 'components', 'server', 'agent', 'prisma', 'e2e', 'proxy.ts'],
  { ...options, ruleSet: { forbidden }, validate: true },
  undefined,
  { tsConfig: extractTSConfig('tsconfig.json') },
);
const { summary } = output as ICruiseResult;
const own = (output as ICruiseResult).modules.filter(({ source }) => !source.includes('node_modules')).length;
for (const { from, to, rule } of summary.violations) console.error(`${rule.name}: ${from} → ${to}`);
if (own < MIN_MODULES)
  console.error(`Only ${own} modules were seen, at least ${MIN_MODULES} are there: the check itself is broken.`);
console.log(`boundaries: ${own} modules, ${summary.violations.length} violations`);
process.exit(summary.violations.length > 0 || own < MIN_MODULES ? 1 : 0);
