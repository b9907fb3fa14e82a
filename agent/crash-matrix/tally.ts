/** What one point showed. `problems` is empty when the device was sound afterwards. */
export type Finding = { where: string; kind: 'killed' | 'diskFull' | 'cut'; problems: string[] };

/** Counts points and prints those after which something was wrong. */
export class Tally {
  readonly counts = { killed: 0, diskFull: 0, cut: 0 };
  inconsistent = 0;
  readonly #print: (line: string) => void;

  constructor(print: (line: string) => void = (line) => process.stdout.write(`${line}\n`)) {
    this.#print = print;
  }

  add({ where, kind, problems }: Finding): void {
    this.counts[kind] += 1;
    if (problems.length === 0) return;
    this.inconsistent += 1;
    for (const problem of problems) this.#print(`INCONSISTENT: ${where}: ${problem}`);
  }

  get points(): number {
    return this.counts.killed + this.counts.diskFull + this.counts.cut;
  }
}
