import { parseTopic } from '@flotilla/protocol';

/** What is read of a document. It comes from the server under test, and is read before the agent decides whether to believe it. */
type Told = { generation: number; slots: Record<string, { release: { id: string } } | null> };

export type LedgerReport = { documents: number; conflicts: string[]; fallen: string[] };

/** Most cases of one kind that a report names. */
const MAX_NAMED = 20;

/** Documents that wait to be read, of some kilobytes each. */
const MAX_UNREAD = 20_000;

/**
 * What the server told each device, noted as the documents arrive, before anything is decided about them. They are read when somebody asks
 * for the report, so that watching costs little while devices are at work. Holds two promises against the server: one generation tells one
 * thing, and generations only grow.
 */
export class Ledger {
  readonly #told = new Map<string, Map<number, string>>();
  readonly #highest = new Map<string, number>();
  readonly #report: LedgerReport = { documents: 0, conflicts: [], fallen: [] };
  #unread: { deviceId: string; payload: Buffer }[] = [];

  note(deviceId: string, topic: string, payload: Buffer): void {
    if (parseTopic(topic)?.kind !== 'desired') return;
    this.#unread.push({ deviceId, payload });
    if (this.#unread.length >= MAX_UNREAD) this.#readAll();
  }

  get report(): LedgerReport {
    this.#readAll();
    return this.#report;
  }

  #readAll(): void {
    for (const { deviceId, payload } of this.#unread) this.#read(deviceId, payload);
    this.#unread = [];
  }

  #read(deviceId: string, payload: Buffer): void {
    const [, body = ''] = payload.toString('utf8').split('.');
    const { generation, slots }: Told = JSON.parse(Buffer.from(body, 'base64url').toString('utf8'));
    const releases = JSON.stringify(Object.entries(slots).map(([slot, wanted]) => [slot, wanted?.release.id ?? null]));
    const told = this.#told.get(deviceId) ?? new Map<number, string>();
    this.#told.set(deviceId, told);
    const before = told.get(generation);
    told.set(generation, releases);
    this.#report.documents += 1;
    if (before !== undefined && before !== releases)
      this.#name(this.#report.conflicts, `${deviceId} generation ${generation}: ${before}, then ${releases}`);
    const highest = this.#highest.get(deviceId) ?? 0;
    if (generation < highest) this.#name(this.#report.fallen, `${deviceId}: ${generation} after ${highest}`);
    this.#highest.set(deviceId, Math.max(highest, generation));
  }

  #name(list: string[], text: string): void {
    if (list.length < MAX_NAMED) list.push(text);
  }
}
