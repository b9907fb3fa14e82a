import type { Finding } from '../tally.ts';
import { countOperations, type Mode, modes, runPoint } from './points.ts';
import { scenarios } from './scenarios.ts';

const kinds: Record<Mode, Finding['kind']> = {
  power: 'killed',
  kill: 'killed',
  full: 'diskFull',
  'full at start': 'diskFull',
  broken: 'diskFull',
  cut: 'cut',
};

/** Every `step`-th operation of every scenario, with every fault; of those the `part`-th of `parts` equal shares, counted from 1. */
export async function runDisk(
  { step, part, parts }: { step: number; part: number; parts: number },
  add: (finding: Finding) => void,
): Promise<void> {
  let n = 0;
  for (const scenario of scenarios) {
    const operations = await countOperations(scenario);
    for (const [index, mode] of modes.entries()) {
      for (let at = 1 + (index % step); at <= operations; at += step) {
        if (n++ % parts !== part - 1) continue;
        const where = `${scenario.name}, ${mode} at operation ${at} of ${operations}`;
        add({ where, kind: kinds[mode], problems: await runPoint(scenario, mode, at) });
      }
    }
  }
}
