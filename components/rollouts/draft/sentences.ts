import { inputText, proofText, threadsText } from '../../models/release-words.ts';
import { formatDuration, NBSP, plural } from '../../ui/format.ts';
import { gateName, limitWords } from '../live/words.ts';
import type { Field } from './field.ts';
import { type GateDraft, toGate } from './gate-draft.ts';
import { labelsOf, type PlanDraft, type WindowDraft } from './plan-draft.ts';
import { type ReleaseDraft, toInput } from './release-draft.ts';
import type { WaveDraft } from './wave-draft.ts';

/** The waves in one sentence: "4 waves: 1 device, 10 %, 50 %, all. Each bakes 10 min. Pauses when more than 10 % fail." */
export function wavesSentence({ waves, onErrors, fourEyes }: PlanDraft): string {
  const sizes = waves.map(sizeText).join(', ');
  const count = waves.length === 1 ? '1 wave' : `${waves.length} waves`;
  const asked = waves.filter(({ approval }) => approval).length;
  return [
    `${count}: ${sizes}.`,
    bakeText(waves),
    errorsText(waves, onErrors),
    asked > 0 && `${plural(asked, 'wave')} ${asked === 1 ? 'waits' : 'wait'} for approval.`,
    fourEyes && 'A second person approves it.',
  ]
    .filter(Boolean)
    .join(' ');
}

function sizeText({ unit, amount, selector }: WaveDraft): string {
  if (unit === 'selector') return selector.trim() || '?';
  if (amount === null) return '?';
  if (unit === 'count') return plural(amount, 'device');
  return amount === 100 ? 'all' : `${amount}${NBSP}%`;
}

function minutesText(minutes: Field): string {
  return minutes === null ? '?' : formatDuration(Math.round(minutes * 60) * 1000);
}

function bakeText(waves: readonly WaveDraft[]): string {
  const lengths = new Set(waves.map(({ bakeMinutes }) => bakeMinutes));
  if (lengths.size > 1) return 'Bakes differ.';
  const [minutes = 0] = lengths;
  if (minutes === 0) return 'No bake.';
  return waves.length === 1 ? `Bakes ${minutesText(minutes)}.` : `Each bakes ${minutesText(minutes)}.`;
}

function errorsText(waves: readonly WaveDraft[], onErrors: PlanDraft['onErrors']): string {
  const verb = onErrors === 'pause' ? 'Pauses' : 'Rolls back';
  const limits = new Set(waves.map(({ maxErrors }) => maxErrors));
  const [limit] = limits;
  return limits.size === 1 && limit !== null && limit !== undefined
    ? `${verb} when more than ${limit}${NBSP}% fail.`
    : `${verb} on too many failures.`;
}

/** The gates in one sentence: "Latency p95 at most 1.2 × before, errors at most 1 %. A proven breach rolls back." */
export function gatesSentence({ waves, areGatesShared }: PlanDraft): string {
  if (!areGatesShared) return `Differ by wave: ${waves.map(({ gates }) => gates.length).join(', ')}.`;
  const gates = waves[0]?.gates ?? [];
  if (gates.length === 0) return 'None: a wave is judged by how many devices serve it.';
  const words = gates.map(gateText).join(', ');
  const breaches = new Set(gates.map(({ onBreach }) => onBreach));
  const then =
    breaches.size > 1
      ? 'A proven breach pauses or rolls back.'
      : `A proven breach ${breaches.has('pause') ? 'pauses' : 'rolls back'}.`;
  return `${words.slice(0, 1).toUpperCase()}${words.slice(1)}. ${then}`;
}

/** "latency p95 at most 1.2 × before". */
function gateText(gate: GateDraft): string {
  const { metric, compare, op } = gate;
  const limit = gate.limit === null ? null : toGate(gate).limit;
  return `${gateName({ metric, compare: 'absolute' })} ${limitWords({ metric, compare, op, limit })}`;
}

/** How fast devices are told: "As fast as devices answer." */
export function paceSentence(plan: PlanDraft): string {
  const { maxPerMinute, basePerMinute, growth, growsEvery, concurrency, maxKbPerS, maxUnavailable, minAvailable } =
    plan;
  const labels = labelsOf(plan.budgetLabels);
  const parts = [
    basePerMinute !== null &&
      `${basePerMinute} a minute at first, × ${growth ?? '?'} with every ${growsEvery ?? '?'} that succeeded`,
    maxPerMinute !== null && `at most ${maxPerMinute} a minute`,
    concurrency !== null && `at most ${concurrency} on their way`,
    labels.length > 0 &&
      `for each ${labels.join(' and ')} ${[maxUnavailable !== null && `at most ${maxUnavailable} away`, minAvailable !== null && `at least ${minAvailable} there`].filter(Boolean).join(', ') || '?'}`,
    maxKbPerS !== null && `each downloads with at most ${maxKbPerS}${NBSP}kB/s`,
  ].filter((part) => part !== false);
  return parts.length === 0 ? 'As fast as devices answer.' : sentence(parts.join('; '));
}

const OFFLINE: Record<PlanDraft['offlineThen'], string> = {
  skip: 'then goes on without them',
  fail: 'then counts them as failed',
  'keep-waiting': 'then goes on and stays open until they are back',
};

const NO_WAIT: Record<PlanDraft['offlineThen'], string> = {
  skip: 'A wave goes on without devices out of reach',
  fail: 'A wave counts devices out of reach as failed',
  'keep-waiting': 'A wave goes on without devices out of reach and stays open until they are back',
};

/** Devices that are away, and those that take long. */
export function absenceSentence(plan: PlanDraft): string {
  const { offlineWaitMinutes, offlineThen, timeoutMinutes, stepTimeoutMinutes, retryCount } = plan;
  const step = stepTimeoutMinutes === null ? '' : `, ${minutesText(stepTimeoutMinutes)} a step`;
  const retries = retryCount ? plural(retryCount, 'retry', 'retries') : 'no retry';
  const away =
    offlineWaitMinutes === 0
      ? NO_WAIT[offlineThen]
      : `A wave waits ${minutesText(offlineWaitMinutes)} for devices out of reach, ${OFFLINE[offlineThen]}`;
  return `${away}. A device has ${minutesText(timeoutMinutes)}${step}; ${retries}.`;
}

/** When it begins and ends, and at which hours devices may move. */
export function timesSentence({ startsAt, endsAt, endThen, download, activate }: PlanDraft): string {
  const ends = { abort: 'ends', pause: 'pauses', 'roll-back': 'rolls back' }[endThen];
  const parts = [
    startsAt === '' ? 'starts at once' : `starts ${startsAt.replace('T', ' ')}`,
    endsAt !== '' && `${ends} ${endsAt.replace('T', ' ')} if it is not over`,
    download && `downloads ${windowText(download)}`,
    activate && `switches ${windowText(activate)}`,
    !download && !activate && 'any hour',
  ].filter((part): part is string => typeof part === 'string');
  return sentence(parts.join('; '));
}

function windowText({ cron, timeZone, minutes }: WindowDraft): string {
  return `at ${cron} ${timeZone} for ${minutesText(minutes)}`;
}

/** Which slot, and what becomes of devices that match later. */
export function targetSentence({ slot, target }: PlanDraft): string {
  const late = target === 'continuous' ? 'takes in devices that match later' : 'the devices that match now';
  return `Slot ${slot.trim() || '?'}; ${late}.`;
}

function sentence(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}.`;
}

/** Input and settings in one sentence. */
export function inputSentence(draft: ReleaseDraft): string {
  const text = inputText(toInput(draft));
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}; ${threadsText(draft.threads ?? undefined)}.`;
}

/** The proof's limits in one sentence. */
export function proofSentence({ tolerance, maxLatencyP95Ms, minAccuracy, base }: ReleaseDraft): string {
  const text = proofText({
    runs: base?.proof.runs ?? 100,
    tolerance: tolerance ?? 0,
    ...(maxLatencyP95Ms !== null && { maxLatencyP95Ms }),
    ...(minAccuracy !== null && { minAccuracy: minAccuracy / 100 }),
  });
  return `Each device checks before it serves: ${text}.`;
}
