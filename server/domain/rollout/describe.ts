import { gateSentence, lackSentence } from './gates/gate-words.ts';
import type { GateVerdict } from './gates/verdict.ts';
import type { RolloutPlan } from './plan.ts';
import type { Decision, PauseReason } from './step.ts';

const whyPaused: Record<PauseReason, string> = {
  errors: 'too many devices failed',
  success: 'too few devices succeeded',
  gate: 'a gate was breached',
  'no-data': 'a gate has no data to judge',
  unreachable: 'none of its devices can be reached',
  approval: 'a person must let it start',
  'must-end-by': 'the time of the rollout is over',
};

const whyTimedOut: Record<Extract<Decision, { kind: 'time-out' }>['why'], string> = {
  deployment: 'did not finish in time',
  step: 'stood in one step for too long',
  unreachable: 'could not be reached in time',
};

/** A decision in the words of the rollout's page. */
export function describeDecision(decision: Decision, plan: RolloutPlan): string {
  const nameOf = (position: number) => plan.waves[position]?.name ?? `wave ${position + 1}`;
  switch (decision.kind) {
    case 'start-wave':
      return `Started ${nameOf(decision.position)}`;
    case 'notify':
      return `Told ${devices(decision.deploymentIds.length)} to move`;
    case 'start':
      return 'Started: its time has come';
    case 'abort':
      return `Ended: ${whyPaused[decision.why]}`;
    case 'mark-reverted':
      return `${devices(decision.deploymentIds.length)} went back to the release before`;
    case 'time-out':
      return `${devices(decision.deploymentIds.length)} ${whyTimedOut[decision.why]}`;
    case 'bake-wave':
      return `${nameOf(decision.position)} serves and bakes`;
    case 'pass-wave':
      return `${nameOf(decision.position)} passed`;
    case 'skip-wave':
      return `Passed over ${nameOf(decision.position)}: ${decision.why === 'empty' ? 'it has no devices' : 'none of its devices can be reached'}`;
    case 'fail-wave':
      return `${nameOf(decision.position)} failed: ${decision.why === 'gate' ? brokenGate(decision.verdict.gates) : whyPaused[decision.why]}`;
    case 'pause':
      return `Paused at ${nameOf(decision.position)}: ${missing(decision.verdict?.gates) ?? whyPaused[decision.why]}`;
    case 'roll-back':
      return `Rolling back: ${whyPaused[decision.why]} in ${nameOf(decision.position)}`;
    case 'cancel-queued':
      return 'Took back what had not started';
    case 'create-rollback':
      return 'Sent every moved device back to what it ran before';
    case 'finish':
      return {
        succeeded: 'Finished',
        aborted: 'Aborted',
        'rolled-back': 'Every device is back',
        'rollback-incomplete': 'Not every device could be brought back',
      }[decision.state];
  }
}

function devices(count: number): string {
  return count === 1 ? '1 device' : `${count.toLocaleString('en-US')} devices`;
}

function brokenGate(gates: GateVerdict[]): string {
  const broken = gates.find(({ verdict }) => verdict === 'breach');
  return broken ? gateSentence(broken) : whyPaused.gate;
}

/** What the gates without a verdict lack. */
function missing(gates: GateVerdict[] = []): string | null {
  const lacking = gates.flatMap((gate) => lackSentence(gate) ?? []);
  return lacking.length > 0 ? lacking.join('; ') : null;
}
