/** What one thing in a lane costs: windows (or one) to the database, bytes to our memory. */
export type Cost = { weight: number; bytes: number };

export type LaneLimits = { maxWeight: number; maxBytes: number };

type Entry<T> = Cost & { item: T };

/** A bounded queue: who adds to a full one waits until it has room. Memory is bounded by the limits and one thing of each who waits. */
export class Lane<T> {
  private readonly limits: LaneLimits;
  private entries: Entry<T>[] = [];
  private readonly waiting: (() => void)[] = [];
  private bytes = 0;
  private isClosed = false;
  private wake: () => void = () => undefined;
  /** What waits now. */
  weight = 0;

  constructor(limits: LaneLimits) {
    this.limits = limits;
  }

  /** Waits until there is something to take; false when there is nothing and nothing will come any more. */
  async hasSome(): Promise<boolean> {
    while (this.entries.length === 0) {
      if (this.isClosed) return false;
      await this.next();
    }
    return true;
  }

  /** Waits until so much waits to be taken, or the time is over, or nothing will come any more. */
  async gather(weight: number, forMs: number): Promise<void> {
    let isOver = false;
    const timer = setTimeout(() => {
      isOver = true;
      this.wake();
    }, forMs);
    while (!isOver && !this.isClosed && !this.isFull && this.weight < weight) await this.next();
    clearTimeout(timer);
  }

  private next(): Promise<void> {
    return new Promise((resolve) => {
      this.wake = resolve;
    });
  }

  /** Nothing will be added any more. */
  close(): void {
    this.isClosed = true;
    this.wake();
  }

  private get isFull(): boolean {
    return this.weight >= this.limits.maxWeight || this.bytes >= this.limits.maxBytes;
  }

  /** Resolves at once, or, when the lane is full now, as soon as it is not. */
  async add(item: T, cost: Cost): Promise<void> {
    this.entries.push({ item, ...cost });
    this.weight += cost.weight;
    this.bytes += cost.bytes;
    this.wake();
    if (this.isFull) await new Promise<void>((resolve) => this.waiting.push(resolve));
  }

  /** The oldest, up to `maxWeight`, but at least one. */
  take(maxWeight: number): T[] {
    let [count, weight] = [0, 0];
    for (const entry of this.entries) {
      if (count > 0 && weight + entry.weight > maxWeight) break;
      count += 1;
      weight += entry.weight;
      this.bytes -= entry.bytes;
    }
    this.weight -= weight;
    const items = this.entries.splice(0, count).map(({ item }) => item);
    if (!this.isFull) for (const resolve of this.waiting.splice(0)) resolve();
    return items;
  }
}
