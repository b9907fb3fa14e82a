import { runDisk } from './run.ts';

/** A process of its own, because its clock is not the real one. Sends each finding to its parent. */
await runDisk(Number(process.argv[2] ?? '1'), (finding) => process.send?.(finding));
process.exit(0);
