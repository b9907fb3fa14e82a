import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Finding } from '../tally.ts';

/** Every this-many-th operation; `npm run crash-matrix` takes all of them. */
const STEP = 29;

test('whatever happens to the disk or the network, a device serves, tells the truth, and does nothing twice', async () => {
  const findings: Finding[] = [];
  const child = fork(join(import.meta.dirname, 'program.ts'), [String(STEP)], { execArgv: [] });
  child.on('message', (finding: Finding) => findings.push(finding));
  expect(await once(child, 'exit')).toEqual([0, null]);
  expect(findings.filter(({ problems }) => problems.length > 0)).toEqual([]);
  expect(findings.length).toBeGreaterThan(150);
}, 120_000);
