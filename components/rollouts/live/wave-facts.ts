import type { WavePlan } from '@/server/domain/rollout/plan.ts';
import type { RolloutState } from '@/server/domain/rollout/states.ts';
import type { StateCount } from '@/server/queries/rollout-pages.ts';
import { formatCount, plural } from '../../ui/format.ts';
import { countDevices } from './standing.ts';
import { type Arrival, arrivedWords, secondsText, type Wave } from './words.ts';

/** The sentences under a wave's cells: the count that matters, then what it needs. */
export type WaveFacts = { strong: { count: string; words: string }; rest: string[] };

/** Says a wave in counts: who serves it of those that could, what is still open, and how its gates stand. */
export function waveFacts(
  wave: Wave,
  plan: WavePlan | undefined,
  state: RolloutState,
  arrival: Arrival = 'serve',
): WaveFacts {
  const { counts } = wave;
  if (counts.total === 0) return { strong: { count: 'No', words: 'devices' }, rest: [] };
  if (wave.state === 'pending') return pendingFacts(wave, plan, state);
  if (counts.considered === 0) {
    return { strong: { count: 'None', words: `of ${plural(counts.total, 'device')} could be reached` }, rest: [] };
  }
  const count = (holds: (each: StateCount) => boolean) => countDevices({ waves: [wave] }, holds);
  // They serve the release, and it is not settled yet that they keep it.
  const watched = arrival === 'serve' ? count(({ state: of, isReachable }) => of === 'observing' && isReachable) : 0;
  const moving = counts.considered - counts.finished - watched;
  // Devices that a roll back took back had arrived: they did not fail by themselves.
  const takenBack = arrival === 'had-moved' ? count(({ state: of }) => of === 'reverted') : 0;
  const came = counts.succeeded + watched + takenBack;
  const failed = Math.max(0, counts.errors - takenBack);
  const parts = [
    watched > 0 ? `${formatCount(watched)} still watched` : null,
    moving > 0 ? `${formatCount(moving)} on the way` : null,
    takenBack > 0 ? `${formatCount(takenBack)} went back` : null,
    failed > 0 ? `${formatCount(failed)} failed` : null,
    counts.dark > 0 ? `${formatCount(counts.dark)} out of reach` : null,
  ].filter((part) => part !== null);
  const arrived = arrivedWords(counts.considered === 1 ? came : counts.considered, arrival);
  return {
    strong: {
      count: `${formatCount(came)} of ${formatCount(counts.considered)}`,
      words: [arrived, ...parts].join(', '),
    },
    rest: [arrival === 'had-moved' ? null : needed(wave, plan), gates(wave), baked(wave, plan)].filter(
      (line) => line !== null,
    ),
  };
}

function pendingFacts({ counts }: Wave, plan: WavePlan | undefined, state: RolloutState): WaveFacts {
  const isOpen = state === 'running' || state === 'paused' || state === 'draft' || state === 'scheduled';
  if (!isOpen) return { strong: { count: formatCount(counts.total), words: 'not told to move' }, rest: [] };
  const gateCount = plan?.bake.gates.length ?? 0;
  const bakes = plan && plan.bake.seconds > 0 ? `bakes ${secondsText(plan.bake.seconds)}` : 'no bake';
  return {
    strong: { count: `${formatCount(counts.considered)} of ${formatCount(counts.total)}`, words: 'reachable' },
    rest: [[bakes, gateCount > 0 ? plural(gateCount, 'gate') : null].filter(Boolean).join(', ')],
  };
}

function needed(wave: Wave, plan: WavePlan | undefined): string | null {
  if (!plan || (wave.state !== 'rolling' && wave.state !== 'failed') || plan.success.minPercent === 0) return null;
  const { considered, succeeded } = wave.counts;
  const share = considered === 0 ? 0 : Math.floor((succeeded * 100) / considered);
  return `${share} % done, ${plan.success.minPercent} % needed`;
}

function gates({ gates: judged, state }: Wave): string | null {
  if (judged.length === 0 || state === 'rolling') return null;
  const count = (verdict: (typeof judged)[number]['verdict']) =>
    judged.filter((each) => each.verdict === verdict).length;
  const waiting = count('not-enough-evidence');
  const breached = count('breach');
  return [
    `${count('pass')} of ${plural(judged.length, 'gate')} ${judged.length === 1 ? 'passes' : 'pass'}`,
    breached > 0 ? `${breached} breached` : null,
    waiting > 0 ? `${waiting} ${waiting === 1 ? 'waits' : 'wait'} for data` : null,
  ]
    .filter(Boolean)
    .join(', ');
}

function baked({ state, bakingAt, finishedAt }: Wave, plan: WavePlan | undefined): string | null {
  if (state !== 'passed' || !bakingAt || !finishedAt || !plan || plan.bake.seconds === 0) return null;
  return `baked ${secondsText(Math.round((finishedAt.getTime() - bakingAt.getTime()) / 1000))}`;
}
