import { inputText, proofText, threadsText } from '../../models/release-words.ts';
import { formatDuration, NBSP } from '../../ui/format.ts';
import { type PlanDraft, type ReleaseDraft, toInput, type WaveDraft } from './draft.ts';

/** The plan in one sentence: "4 waves: 1 device, 10 %, 50 %, all. Each bakes 10 min. Pauses when more than 10 % fail." */
export function planSentence({ waves, onErrors }: PlanDraft): string {
  const sizes = waves.map(sizeText).join(', ');
  const count = waves.length === 1 ? '1 wave' : `${waves.length} waves`;
  return `${count}: ${sizes}. ${bakeText(waves)} ${errorsText(waves, onErrors)}`;
}

function sizeText({ unit, amount }: WaveDraft): string {
  if (amount === null) return '?';
  if (unit === 'count') return amount === 1 ? `1${NBSP}device` : `${amount}${NBSP}devices`;
  return amount === 100 ? 'all' : `${amount}${NBSP}%`;
}

function minutesText(minutes: number | null): string {
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

/** Input and settings in one sentence. */
export function inputSentence(draft: ReleaseDraft): string {
  const text = inputText(toInput(draft));
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}; ${threadsText(draft.threads ?? 1)}.`;
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
