import { runDisk } from './run.ts';

const [step = 1, part = 1, parts = 1] = process.argv.slice(2).map(Number);

/** A process of its own, because its clock is not the real one. Sends each finding to its parent. */
await runDisk({ step, part, parts }, (finding) => process.send?.(finding));
process.exit(0);
