import type { AxisRegistry } from './registry-entry.ts';

const connectivity: AxisRegistry<'connectivity'> = {
  online: { glyph: 'dot', word: 'Online', tone: 'ok', description: 'Heard within its expected interval.' },
  stale: {
    glyph: 'dashed-ring',
    word: 'Stale',
    tone: 'unknown',
    description: 'Silent for longer than it should be; what it last said may no longer hold.',
  },
  offline: {
    glyph: 'struck-ring',
    word: 'Offline',
    tone: 'unknown',
    description: 'Its session ended or it has been silent past the limit. It goes on inferring by itself.',
  },
  'never-seen': {
    glyph: 'clock',
    word: 'Never seen',
    tone: 'unknown',
    description: 'Enrolled, but it has not connected yet.',
  },
};

const health: AxisRegistry<'health'> = {
  healthy: { glyph: 'check', word: 'Healthy', tone: 'ok', description: 'Serves its release within every limit.' },
  attention: {
    glyph: 'triangle',
    word: 'Attention',
    tone: 'attention',
    description: 'Serves, but something is near or past a limit: heat, drift, memory or disk.',
  },
  critical: {
    glyph: 'octagon',
    word: 'Critical',
    tone: 'critical',
    description: 'Does not serve, or serves with errors.',
  },
  unknown: {
    glyph: 'dashed-ring',
    word: 'Unknown',
    tone: 'unknown',
    description: 'No recent telemetry to judge it by.',
  },
};

const update: AxisRegistry<'update'> = {
  'up-to-date': { glyph: 'check', word: 'Up to date', tone: 'ok', description: 'Runs the release it should run.' },
  updating: {
    glyph: 'pie',
    word: 'Updating',
    tone: 'progress',
    description: 'Is fetching, proving or switching to a release now.',
  },
  queued: { glyph: 'clock', word: 'Queued', tone: 'quiet', description: 'Its wave has not started.' },
  waiting: {
    glyph: 'hourglass',
    word: 'Waiting',
    tone: 'quiet',
    description: 'Its turn has come, but the device is not reachable or outside its window.',
  },
  unassigned: {
    glyph: 'ring',
    word: 'Unassigned',
    tone: 'quiet',
    description: 'Nothing has been rolled out to it yet.',
  },
  incompatible: {
    glyph: 'diamond',
    word: 'Incompatible',
    tone: 'attention',
    description: 'The release cannot run on this board, runtime or memory.',
  },
  reverted: {
    glyph: 'turn-back',
    word: 'Reverted',
    tone: 'critical',
    description: 'Went back to the release before, by itself or by a rollback.',
  },
  rejected: {
    glyph: 'square-x',
    word: 'Rejected',
    tone: 'critical',
    description: 'Proved the release on its own hardware and refused it; the one before keeps serving.',
  },
  failed: {
    glyph: 'octagon',
    word: 'Failed',
    tone: 'critical',
    description: 'The update broke off; the release before keeps serving.',
  },
};

/** The three axes of a device. */
export const deviceAxes = { connectivity, health, update };
