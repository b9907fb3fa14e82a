/** What one point showed. `problems` is empty when the device was sound afterwards. */
export type Finding = { where: string; kind: 'killed' | 'diskFull' | 'cut'; problems: string[] };

/** Counts points and prints those after which something was wrong. */
export class Tally {
  readonly counts = { killed: 0, diskFull: 0, cut: 0 };
  inconsistent = 0;

  add({ where, kind, problems }: Finding): void {
    this.counts[kind] += 1;
    if (problems.length === 0) return;
    this.inconsistent += 1;
    for (const problem of problems) process.stdout.write(`INCONSISTENT: ${where}: ${problem}\n`);
  }

  get points(): number {
    return this.counts.killed + this.counts.diskFull + this.counts.cut;
  }
}
