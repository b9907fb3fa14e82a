/** What takes away what was started; the last is called first. */
export type Closers = (() => Promise<unknown>)[];

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/**
 * Does work and takes away what it started: when it is done, when it fails, and when somebody interrupts it, because a database of many
 * gigabytes that nobody uses any more is not to stay behind.
 * @throws Error what the work threw, or that it was interrupted.
 */
export async function cleaningUp<T>(work: (closers: Closers) => Promise<T>): Promise<T> {
  const closers: Closers = [];
  let interrupt: NodeJS.SignalsListener = () => undefined;
  const interrupted = new Promise<never>((_, reject) => {
    interrupt = (signal) => reject(new Error(`Interrupted by ${signal}.`));
  });
  for (const signal of SIGNALS) process.on(signal, interrupt);
  try {
    return await Promise.race([work(closers), interrupted]);
  } finally {
    for (let close = closers.pop(); close; close = closers.pop()) await close();
    for (const signal of SIGNALS) process.off(signal, interrupt);
  }
}
