export type LaneLimits = { maxItems: number; maxBytes: number };

/** A bounded queue: who adds to a full one waits until it has room. Memory is bounded by the limits and one thing of each who waits. */
export class Lane<T> {
  private readonly limits: LaneLimits;
  private readonly entries: { item: T; bytes: number }[] = [];
  private readonly waiting: (() => void)[] = [];
  private bytes = 0;
  private isClosed = false;
  private wake: () => void = () => undefined;

  constructor(limits: LaneLimits) {
    this.limits = limits;
  }

  /** How many wait now. */
  get size(): number {
    return this.entries.length;
  }

  /** Waits until there is something to take; false when there is nothing and nothing will come any more. */
  async hasSome(): Promise<boolean> {
    while (this.entries.length === 0) {
      if (this.isClosed) return false;
      await this.next();
    }
    return true;
  }

  /** Waits until so many wait to be taken, or the time is over, or nothing will come any more. */
  async gather(items: number, forMs: number): Promise<void> {
    let isOver = false;
    const timer = setTimeout(() => {
      isOver = true;
      this.wake();
    }, forMs);
    while (!isOver && !this.isClosed && !this.isFull && this.size < items) await this.next();
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
    return this.size >= this.limits.maxItems || this.bytes >= this.limits.maxBytes;
  }

  /** Resolves at once, or, when the lane is full now, as soon as it is not. */
  async add(item: T, bytes: number): Promise<void> {
    this.entries.push({ item, bytes });
    this.bytes += bytes;
    this.wake();
    if (this.isFull) await new Promise<void>((resolve) => this.waiting.push(resolve));
  }

  /** Gives the oldest, one after another, for as long as the caller goes on, who does not wait for anything between two. */
  *take(): Generator<T, void> {
    let count = 0;
    try {
      for (const { item, bytes } of this.entries) {
        count += 1;
        this.bytes -= bytes;
        yield item;
      }
    } finally {
      this.entries.splice(0, count);
      if (!this.isFull) for (const resolve of this.waiting.splice(0)) resolve();
    }
  }
}
