import type { Logger } from '../logger.ts';
import type { FileSystem } from '../state/file-system.ts';
import type { Layout } from '../state/layout.ts';

/** What the composition root gives: the outside world, and what the command line says. */
export type AgentOptions = {
  fs: FileSystem;
  layout: Layout;
  logger: Logger;
  now: () => number;
  random: () => number;
  version: string;
  /** Was it started by a launcher that can take it back, and can it end in one? */
  isUpgradable: boolean;
  /** The runner's program, for `fork`. */
  runnerEntry: string;
  oipPort: number;
  /** The container engine's socket. */
  engineSocket: string;
  sysfs: string;
  procfs: string;
  osRelease: string;
  idleWatts?: number;
  fullWatts?: number;
};
