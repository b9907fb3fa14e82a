/** Is it there? From the last time the device was heard. */
export type Connectivity = 'online' | 'stale' | 'offline' | 'never-seen';

/** Does it serve well? */
export type Health = 'healthy' | 'attention' | 'critical' | 'unknown';

/** Does it run what it should run? */
export type Update =
  | 'up-to-date'
  | 'updating'
  | 'queued'
  | 'waiting'
  | 'incompatible'
  | 'rejected'
  | 'reverted'
  | 'failed'
  | 'unassigned';

/** A rollout as a whole. */
export type RolloutState =
  | 'draft'
  | 'pending-approval'
  | 'rejected'
  | 'scheduled'
  | 'running'
  | 'paused'
  | 'succeeded'
  | 'aborting'
  | 'aborted'
  | 'rolling-back'
  | 'rolled-back'
  | 'rollback-incomplete';

/** One wave of a rollout. */
export type WaveState = 'pending' | 'rolling' | 'baking' | 'passed' | 'failed' | 'skipped';

/** One device's part of a rollout. */
export type DeploymentState =
  | 'queued'
  | 'notified'
  | 'accepted'
  | 'downloading'
  | 'verifying'
  | 'staging'
  | 'proving'
  | 'switching'
  | 'observing'
  | 'succeeded'
  | 'failed'
  | 'rejected'
  | 'timed-out'
  | 'cancelled'
  | 'superseded'
  | 'reverted'
  | 'reverting';

/** An enrollment token. */
export type TokenState = 'active' | 'used-up' | 'expired' | 'revoked';

/** How much an alert matters. */
export type Severity = 'critical' | 'attention' | 'notice';

/** An alert, from its first member to its last. */
export type AlertState = 'firing' | 'acknowledged' | 'resolved';

/** A message to a channel. */
export type DeliveryState = 'waiting' | 'sent' | 'dead';

/** Every axis a status can lie on, with its values. */
export type StatusValues = {
  connectivity: Connectivity;
  health: Health;
  update: Update;
  rollout: RolloutState;
  wave: WaveState;
  deployment: DeploymentState;
  token: TokenState;
  severity: Severity;
  alert: AlertState;
  delivery: DeliveryState;
};

/** The name of an axis. */
export type StatusAxis = keyof StatusValues;

/** How loud a status is. `ok` and `quiet` are grey words; `unknown` is outlined, never filled. */
export type Tone = 'ok' | 'quiet' | 'attention' | 'critical' | 'unknown' | 'progress';
