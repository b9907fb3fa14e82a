import { gateSentence } from '../../domain/rollout/gates/gate-words.ts';
import type { GateVerdict } from '../../domain/rollout/gates/verdict.ts';
import { type DeploymentState, isError, type RolloutState } from '../../domain/rollout/states.ts';

export type Decision = {
  id: string;
  at: string;
  kind: string;
  message: string;
  evidence: { verdict?: { gates: GateVerdict[] } };
};

type Rollout = {
  state: RolloutState;
  stateReason: { detail: string } | null;
  model: string | null;
  version: string | null;
  deployments: Partial<Record<DeploymentState, number>>;
  createdAt: string;
  stateSince: string;
};

/** Decisions about which the numbers of every gate are said. */
const JUDGED = ['pass-wave', 'fail-wave'];

/** What was decided, with the time since the rollout was made, and below it what each gate saw. A roll back says that it is one. */
export function decisionLines({ at, kind, message, evidence }: Decision, since: string, isBack: boolean): string[] {
  const gates = JUDGED.includes(kind) ? (evidence.verdict?.gates ?? []) : [];
  const indent = ' '.repeat(9);
  return [
    `${clock(since, at).padStart(7)}  ${isBack ? 'roll back: ' : ''}${message}`,
    ...gates.map((gate) => `${indent}${wordOf(gate).padEnd(12)}${gateSentence(gate)}`),
  ];
}

function wordOf({ verdict, isProven }: GateVerdict): string {
  if (verdict === 'breach') return 'broken:';
  if (verdict === 'pass') return isProven ? 'holds:' : 'not broken:';
  return 'unknown:';
}

/** What became of it, in one line. */
export function endLine(rollout: Rollout, rollback: Pick<Rollout, 'deployments'> | null): string {
  const { state, model, version, deployments, createdAt, stateSince } = rollout;
  const count = (of: (state: DeploymentState) => boolean) => countOf(deployments, of);
  const all = count(() => true);
  const after = `after ${clock(createdAt, stateSince)}`;
  const why = rollout.stateReason?.detail ?? '';
  switch (state) {
    case 'succeeded': {
      const errors = count(isError);
      const rest = all - count((each) => each === 'succeeded') - errors;
      return `Over ${after}: ${count((each) => each === 'succeeded')} of ${all} devices serve ${model} ${version}, ${errors} could not, ${rest} were not reached.`;
    }
    case 'rolled-back':
    case 'rollback-incomplete': {
      const moved = rollback ? countOf(rollback.deployments, () => true) : 0;
      const back = rollback ? countOf(rollback.deployments, (each) => each === 'succeeded') : 0;
      return `Taken back ${after}. ${why}. Of ${all} devices ${moved} had been told to move, and ${back} of them serve again what they served before.`;
    }
    case 'paused':
    case 'pending-approval':
      return `It waits for a person since ${clock(createdAt, stateSince)}. ${why}. Decide on its page.`;
    default:
      return `The rollout is ${state} ${after}.`;
  }
}

function countOf(deployments: Rollout['deployments'], of: (state: DeploymentState) => boolean): number {
  const entries = Object.entries(deployments) as [DeploymentState, number][];
  return entries.reduce((sum, [state, devices]) => sum + (of(state) ? devices : 0), 0);
}

/** "1:07", minutes and seconds. */
function clock(from: string, to: string): string {
  const seconds = Math.max(0, Math.round((Date.parse(to) - Date.parse(from)) / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}
