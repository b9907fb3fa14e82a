/** What the bench asks of a process that holds one session. Shapes are without the batch. */
export type Order =
  | { op: 'load'; path: string; shape: number[]; settings: 'default' | 'ours' }
  | ({ op: 'block' } & Block)
  | { op: 'batch'; size: number };

/** Back to back, or with a rest of `paceMs` after each inference. */
export type Block = { durationMs: number; paceMs: number };

export type Answer = { threads: number } | { timesMs: number[]; cpuMs: number } | { rssMiB: number };
