/** Answers remembered for labels that come later: at 20 a second, three minutes. */
const MAX_ANSWERS = 4_096;

export type RecentAnswer = { classes?: number; predicted?: number; value?: number; isLabelled: boolean };

/** The last answers by the id of their inference. */
export class RecentAnswers {
  readonly #answers = new Map<string, RecentAnswer>();

  add(id: string, answer: Omit<RecentAnswer, 'isLabelled'>, isLabelled: boolean): void {
    this.#answers.delete(id);
    this.#answers.set(id, { ...answer, isLabelled });
    if (this.#answers.size <= MAX_ANSWERS) return;
    const [oldest] = this.#answers.keys();
    if (oldest !== undefined) this.#answers.delete(oldest);
  }

  get(id: string): RecentAnswer | undefined {
    return this.#answers.get(id);
  }
}
