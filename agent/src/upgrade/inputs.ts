import type { KnownReasonCode, Phase } from '@flotilla/protocol';
import type { UpgradeState, UpgradeTarget } from './state.ts';

export const upgradeWork = [
  'downloading',
  'verifying',
  'staging',
  'proving',
  'switching',
  'observing',
  'reverting',
] as const satisfies readonly Phase[];
export type UpgradeWork = (typeof upgradeWork)[number];

/** What the launcher's note says of the target: it is on trial, was given up after too many starts, or is not there. */
export type TrialMark = 'trial' | 'failed' | 'none';

/** What is there before the agent is replaced: slots that serve, and the program that runs. */
export type BeforeSwitch = { served: string[]; before: string };

/** What can happen to an upgrade. `version` is of the agent that runs. `jitter` in [0, 1) is drawn by the caller. */
export type UpgradeInput =
  | { type: 'started'; version: string; mark: TrialMark }
  | { type: 'desired'; version: string; target: UpgradeTarget | null }
  | { type: 'done'; job: number; found?: BeforeSwitch }
  | { type: 'failed'; job: number; code: KnownReasonCode; detail: string; jitter: number }
  | { type: 'answered' }
  | { type: 'retry' };

/** What must be done about it, after the new state is on disk. `await-answer`: tell when the server has acknowledged what happened so far. */
export type UpgradeEffect =
  | { kind: 'work'; phase: UpgradeWork; job: number }
  | { kind: 'cancel' }
  | { kind: 'await-answer' }
  | { kind: 'wake'; at: number }
  | { kind: 'prune' };

export type UpgradeDecision = { state: UpgradeState; effects: UpgradeEffect[] };
