import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';

const MAX_WORKERS = 4;

/** Has each part done by one of a few threads that run `module`, which answers each message with one. Results are in the parts' order. */
export async function inWorkers<Part, Result>(module: URL, parts: readonly Part[]): Promise<Result[]> {
  const results: Result[] = [];
  const waiting = [...parts.entries()];
  const work = async () => {
    const worker = new Worker(module);
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const answered = once(worker, 'message');
      worker.postMessage(next[1]);
      [results[next[0]]] = (await answered) as [Result];
    }
    await worker.terminate();
  };
  await Promise.all(Array.from({ length: Math.min(MAX_WORKERS, availableParallelism()) }, work));
  return results;
}
