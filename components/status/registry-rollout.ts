import type { AxisRegistry } from './registry-entry.ts';

const rollout: AxisRegistry<'rollout'> = {
  draft: { glyph: 'ring', word: 'Draft', tone: 'quiet', description: 'Planned, not started; no device knows of it.' },
  'pending-approval': {
    glyph: 'hourglass',
    word: 'Pending approval',
    tone: 'attention',
    description: 'Another person must approve it; no device knows of it.',
  },
  rejected: {
    glyph: 'square-x',
    word: 'Rejected',
    tone: 'quiet',
    description: 'Somebody decided that it shall not start.',
  },
  scheduled: { glyph: 'clock', word: 'Scheduled', tone: 'quiet', description: 'Starts by itself at its time.' },
  running: { glyph: 'pie', word: 'Running', tone: 'progress', description: 'A wave is moving or baking.' },
  paused: {
    glyph: 'bars',
    word: 'Paused',
    tone: 'attention',
    description: 'No further device is told to move; those that have moved keep serving.',
  },
  succeeded: { glyph: 'check', word: 'Succeeded', tone: 'ok', description: 'Every wave passed its gates.' },
  aborting: {
    glyph: 'hourglass',
    word: 'Aborting',
    tone: 'attention',
    description: 'Calling back devices that have not switched yet.',
  },
  aborted: {
    glyph: 'square-x',
    word: 'Aborted',
    tone: 'quiet',
    description: 'Ended early; devices that had moved keep the new release.',
  },
  'rolling-back': {
    glyph: 'turn-back',
    word: 'Rolling back',
    tone: 'attention',
    description: 'Devices are returning to the release before.',
  },
  'rolled-back': {
    glyph: 'turn-back',
    word: 'Rolled back',
    tone: 'quiet',
    description: 'Every device that had moved serves the release before.',
  },
  'rollback-incomplete': {
    glyph: 'octagon',
    word: 'Rollback incomplete',
    tone: 'critical',
    description: 'Some devices could not return; they still serve the new release.',
  },
};

const wave: AxisRegistry<'wave'> = {
  pending: { glyph: 'ring', word: 'Pending', tone: 'quiet', description: 'Waits for the wave before it.' },
  rolling: { glyph: 'pie', word: 'Rolling', tone: 'progress', description: 'Its devices are moving to the release.' },
  baking: {
    glyph: 'hourglass',
    word: 'Baking',
    tone: 'progress',
    description: 'Its devices serve the release while the gates gather evidence.',
  },
  passed: {
    glyph: 'check',
    word: 'Passed',
    tone: 'ok',
    description: 'Served for the bake time and passed every gate.',
  },
  failed: {
    glyph: 'octagon',
    word: 'Failed',
    tone: 'critical',
    description: 'A gate was breached or too many devices failed.',
  },
  skipped: { glyph: 'struck-ring', word: 'Skipped', tone: 'quiet', description: 'The rollout ended before this wave.' },
};

const deployment: AxisRegistry<'deployment'> = {
  queued: { glyph: 'clock', word: 'Queued', tone: 'quiet', description: 'Its wave has not reached it.' },
  notified: {
    glyph: 'hourglass',
    word: 'Notified',
    tone: 'quiet',
    description: 'Its new desired state is published; no answer yet.',
  },
  accepted: { glyph: 'pie', word: 'Accepted', tone: 'progress', description: 'The device took up the release.' },
  downloading: {
    glyph: 'pie',
    word: 'Downloading',
    tone: 'progress',
    description: 'Fetching the parts it does not have.',
  },
  verifying: { glyph: 'pie', word: 'Verifying', tone: 'progress', description: 'Checking digests and signature.' },
  staging: {
    glyph: 'pie',
    word: 'Staging',
    tone: 'progress',
    description: 'Loading the release beside the one in service.',
  },
  proving: {
    glyph: 'pie',
    word: 'Proving',
    tone: 'progress',
    description: 'Running golden inputs and measuring on its own hardware.',
  },
  switching: { glyph: 'pie', word: 'Switching', tone: 'progress', description: 'Handing traffic to the new release.' },
  observing: {
    glyph: 'hourglass',
    word: 'Observing',
    tone: 'progress',
    description: 'Serving it while watching for trouble; it can still go back.',
  },
  succeeded: { glyph: 'check', word: 'Succeeded', tone: 'ok', description: 'Serves the release.' },
  cancelled: { glyph: 'struck-ring', word: 'Cancelled', tone: 'quiet', description: 'Called back before it switched.' },
  superseded: {
    glyph: 'struck-ring',
    word: 'Superseded',
    tone: 'quiet',
    description: 'A newer rollout took its place.',
  },
  reverting: {
    glyph: 'turn-back',
    word: 'Reverting',
    tone: 'attention',
    description: 'Going back to the release before.',
  },
  'timed-out': { glyph: 'triangle', word: 'Timed out', tone: 'attention', description: 'Did not finish in its time.' },
  reverted: { glyph: 'turn-back', word: 'Reverted', tone: 'critical', description: 'Serves the release before again.' },
  rejected: {
    glyph: 'square-x',
    word: 'Rejected',
    tone: 'critical',
    description: 'Refused by the proof on its own hardware.',
  },
  failed: {
    glyph: 'octagon',
    word: 'Failed',
    tone: 'critical',
    description: 'Broke off; the release before keeps serving.',
  },
};

const token: AxisRegistry<'token'> = {
  active: { glyph: 'dot', word: 'Active', tone: 'ok', description: 'New devices can join with it.' },
  'used-up': { glyph: 'check', word: 'Used up', tone: 'quiet', description: 'Every place it had is taken.' },
  expired: {
    glyph: 'clock',
    word: 'Expired',
    tone: 'quiet',
    description: 'Past its date; no device can join with it.',
  },
  revoked: {
    glyph: 'struck-ring',
    word: 'Revoked',
    tone: 'quiet',
    description: 'Taken back by a person; devices that had joined stay.',
  },
};

/** Rollouts, their waves, their deployments, and the tokens by which devices join. */
export const rolloutAxes = { rollout, wave, deployment, token };
