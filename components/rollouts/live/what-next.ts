import { longestOf } from '@/server/domain/rollout/gates/bake.ts';
import { isFinished, isInFlight } from '@/server/domain/rollout/states.ts';
import type { RolloutPage } from '@/server/queries/rollout-pages.ts';
import { plural } from '../../ui/format.ts';
import { countDevices } from './standing.ts';
import { type Gate, gateName, sampleText, secondsText, type Wave, wasTold } from './words.ts';

/** One line of "What happens next": when or in which case, and what then. */
export type NextStep = { lead: string; text: string } | { at: number; isEstimate?: boolean; text: string };

/** What the rules are computed from. */
export type NextInput = Pick<RolloutPage, 'rollout' | 'waves' | 'controls'>;

/** What the engine and a person will or may do next with this rollout, in plain words. Pure; times are of the server. */
export function whatNext(page: NextInput, now: Date): NextStep[] {
  const { rollout } = page;
  switch (rollout.state) {
    case 'draft':
    case 'scheduled':
      return notStarted(page);
    case 'pending-approval':
      return [{ lead: 'now', text: 'Nothing moves until another person than the one who planned it approves it.' }];
    case 'running':
      return running(page, now);
    case 'paused':
      return paused(page);
    case 'aborting':
      return [{ lead: 'now', text: `Nobody else is told to move. It ends when ${inFlightText(page)} finished.` }];
    case 'rolling-back':
      return [
        {
          lead: 'now',
          text: `${goBack(toldCount(page))} It ends when all have answered.`,
        },
      ];
    case 'rejected':
    case 'succeeded':
    case 'aborted':
    case 'rolled-back':
    case 'rollback-incomplete':
      return over(page);
  }
}

function notStarted(page: NextInput): NextStep[] {
  const first = page.waves[0];
  return [
    { lead: 'now', text: 'Nothing moves until somebody starts it. No device knows of it.' },
    ...(first ? [{ lead: 'start', text: `${first.name} moves ${devices(first.counts.total)} at once.` }] : []),
  ];
}

function currentWave({ waves }: NextInput): Wave | undefined {
  return waves.find(({ state }) => state !== 'passed' && state !== 'skipped');
}

function running(page: NextInput, now: Date): NextStep[] {
  const wave = currentWave(page);
  if (!wave) return [{ lead: 'now', text: `Every wave is over. It is finished when ${inFlightText(page)} finished.` }];
  if (wave.state === 'baking') return [...baking(page, wave, now), ...breach(page, wave), ...offline(page, wave)];
  if (wave.state === 'rolling') return [...rolling(page, wave, now), ...failures(page, wave), ...offline(page, wave)];
  return [{ lead: 'now', text: `${wave.name} is about to move ${devices(wave.counts.total)}.` }];
}

function rolling({ rollout }: NextInput, wave: Wave, now: Date): NextStep[] {
  const plan = rollout.plan.waves[wave.position];
  if (!plan) return [];
  const { considered, succeeded } = wave.counts;
  if (considered === 0) return [unreachable(rollout.plan.offline.waitS, wave, now)];
  const needed = Math.max(1, Math.ceil((plan.success.minPercent * considered) / 100));
  const missing = Math.max(0, needed - succeeded);
  const bakes =
    plan.bake.seconds > 0 ? `${wave.name} bakes for ${secondsText(plan.bake.seconds)}` : `${wave.name} is judged`;
  return [
    {
      lead: 'now',
      text:
        missing > 0
          ? `${devices(missing)} more must serve it, then ${bakes}.`
          : `Enough devices serve it; ${bakes} at the next look.`,
    },
  ];
}

function unreachable(waitS: number, wave: Wave, now: Date): NextStep {
  const at = (wave.startedAt ?? now).getTime() + waitS * 1000;
  const then = wave.position === 0 ? 'the rollout pauses and asks a person' : 'the wave is passed over';
  return { at, text: `None of the wave's devices can be reached. If none is back by then, ${then}.` };
}

function failures({ rollout }: NextInput, wave: Wave): NextStep[] {
  const plan = rollout.plan.waves[wave.position];
  if (!plan || plan.errors.maxPercent >= 100) return [];
  const then = rollout.plan.onErrors === 'pause' ? 'the rollout pauses' : 'every moved device goes back';
  return [
    {
      lead: 'failure',
      text: `If more than ${plan.errors.maxPercent} % of the devices that were told fail, ${then}. A device that has not finished ${secondsText(rollout.plan.timeoutS)} after it was told counts as failed.`,
    },
  ];
}

function baking(page: NextInput, wave: Wave, now: Date): NextStep[] {
  const plan = page.rollout.plan.waves[wave.position];
  if (!plan || !wave.bakingAt) return [];
  const endsAt = wave.bakingAt.getTime() + plan.bake.seconds * 1000;
  const waiting = wave.gates.filter(({ verdict }) => verdict === 'not-enough-evidence');
  const then = afterBake(page, wave);
  if (now.getTime() < endsAt) {
    const condition = wave.gates.length === 0 ? 'Then' : `If ${gatesText(wave.gates)}`;
    const end = { at: endsAt, text: `The bake ends. ${condition}${wave.gates.length === 0 ? '' : ','} ${then}.` };
    return [end, ...waiting.flatMap((gate) => evidence(gate, wave.bakingAt, now, endsAt))];
  }
  if (waiting.length === 0) return [{ lead: 'now', text: `The bake is over: ${then} at the next look.` }];
  if (waiting.some(({ lack }) => lack === 'before')) return waiting.flatMap((gate) => inVain(gate, now.getTime()));
  const latest = wave.bakingAt.getTime() + longestOf(plan.bake) * 1000;
  return [
    ...waiting.map((gate) => ({ lead: 'now', text: `The bake is over, but ${gateName(gate)} ${missingText(gate)}.` })),
    { at: latest, text: 'If they are still missing, the rollout pauses and asks a person.' },
  ];
}

function afterBake({ waves }: NextInput, wave: Wave): string {
  const next = waves.find(({ position, counts }) => position > wave.position && counts.total > 0);
  return next ? `${next.name} moves ${devices(next.counts.total)}` : 'the rollout is finished';
}

function gatesText(gates: readonly Gate[]): string {
  if (gates.length === 1) return 'the gate passes';
  return gates.length === 2 ? 'both gates pass' : `all ${gates.length} gates pass`;
}

/** What a gate waits for, after its name. */
function missingText(gate: Gate): string {
  const { lack, minDevices, minInferences, n } = gate;
  switch (lack) {
    case 'devices':
      return `waits for ${devices(minDevices - gate.devices)} more to be measured`;
    case 'before':
    case 'comparison':
      return 'waits for something to compare with';
    case 'spread':
      return 'waits for more windows, to tell how much it varies';
    case 'leaning':
      return 'leans towards a breach that is not proven, and waits for more';
    default:
      return `waits for ${sampleText(gate.metric, Math.max(1, minInferences - n))} more`;
  }
}

/** Telemetry that was never taken does not come by waiting. */
function inVain(gate: Gate, at: number): NextStep[] {
  if (gate.lack !== 'before') return [];
  const why = 'its devices were not measured before they moved, and too few of their kind have not moved';
  return [
    {
      at,
      text: `${upper(gateName(gate))} has nothing to compare with: ${why}. The rollout pauses and asks a person, who can skip the wave or roll back.`,
    },
  ];
}

/** Said only when the evidence will not be there at the end of the bake: without any, or at the pace so far. */
function evidence(gate: Gate, since: Date | null, now: Date, endsAt: number): NextStep[] {
  const name = upper(gateName(gate));
  if (gate.lack === 'before') return inVain(gate, endsAt);
  if (gate.lack !== undefined && gate.lack !== 'inferences')
    return [{ lead: 'until then', text: `${name} ${missingText(gate)}.` }];
  if (gate.n === 0 || since === null)
    return [
      { lead: 'until then', text: `${name} has no data yet; it needs ${sampleText(gate.metric, gate.minInferences)}.` },
    ];
  const elapsedMs = Math.max(1, now.getTime() - since.getTime());
  const at = now.getTime() + ((gate.minInferences - gate.n) * elapsedMs) / gate.n;
  if (at <= endsAt) return [];
  return [
    {
      at,
      isEstimate: true,
      text: `${name} has its ${sampleText(gate.metric, gate.minInferences)} at the pace so far. Until then the wave waits.`,
    },
  ];
}

function breach(page: NextInput, wave: Wave): NextStep[] {
  const gates = page.rollout.plan.waves[wave.position]?.bake.gates ?? [];
  const told = toldCount(page);
  const back = gates.filter(({ onBreach }) => onBreach === 'roll-back');
  const pausing = gates.filter(({ onBreach }) => onBreach === 'pause');
  const names = (list: typeof gates) => orText(list.map(gateName));
  return [
    ...(back.length > 0
      ? [
          {
            lead: 'breach',
            text: `If ${names(back)} breaks its limit, ${devices(told)} ${told === 1 ? 'goes' : 'go'} back to what ${told === 1 ? 'it' : 'they'} served before.`,
          },
        ]
      : []),
    ...(pausing.length > 0
      ? [{ lead: 'breach', text: `If ${names(pausing)} breaks its limit, the rollout pauses and asks a person.` }]
      : []),
  ];
}

function offline(page: NextInput, wave: Wave): NextStep[] {
  const waves = page.waves.filter(({ position }) => position <= wave.position);
  const dark = countDevices({ waves }, ({ state, isReachable }) => !isReachable && !isFinished(state));
  if (dark === 0 || wave.counts.considered === 0) return [];
  const [are, They, do_] = dark === 1 ? ['is', 'It', 'does'] : ['are', 'They', 'do'];
  return [
    {
      lead: 'offline',
      text: `${devices(dark)} ${are} out of reach. ${They} will be told on return, and ${do_} not count against the wave.`,
    },
  ];
}

function paused(page: NextInput): NextStep[] {
  const wave = currentWave(page);
  const moving = inFlight(page);
  const told = toldCount(page);
  const next = wave && page.waves.find(({ position, counts }) => position > wave.position && counts.total > 0);
  const now =
    moving > 0
      ? `Nobody else is told to move; ${devices(moving)} already told will finish.`
      : 'Nobody else is told to move. Devices keep what they serve.';
  return [
    { lead: 'now', text: now },
    ...(page.controls.includes('approve') && wave
      ? [{ lead: 'approve', text: `${wave.name} moves ${devices(wave.counts.total)}.` }]
      : []),
    ...(page.controls.includes('resume') ? [{ lead: 'resume', text: resumeText(wave, next) }] : []),
    ...(page.controls.includes('roll-back') && told > 0 ? [{ lead: 'roll back', text: goBack(told) }] : []),
    ...(page.controls.includes('abort')
      ? [{ lead: 'abort', text: 'It ends here; devices that moved keep the new release.' }]
      : []),
  ];
}

function resumeText(wave: Wave | undefined, next: Wave | undefined): string {
  if (!wave) return 'It waits for devices still on their way, then it is finished.';
  if (wave.state === 'failed') {
    return next
      ? `${wave.name} is passed over, and ${next.name} moves ${devices(next.counts.total)}.`
      : `${wave.name} is passed over, and the rollout is finished.`;
  }
  if (wave.state === 'baking') return `${wave.name} starts its bake afresh.`;
  return wave.state === 'rolling' ? `${wave.name} goes on.` : `${wave.name} moves ${devices(wave.counts.total)}.`;
}

function over(page: NextInput): NextStep[] {
  const told = toldCount(page);
  return [
    { lead: 'now', text: 'Nothing. It is over.' },
    ...(page.controls.includes('roll-back') && told > 0 ? [{ lead: 'roll back', text: goBack(told) }] : []),
  ];
}

/** What rolling back does, with its count. */
function goBack(count: number): string {
  return `${devices(count)} ${count === 1 ? 'returns to what it' : 'return to what they'} served before.`;
}

function inFlight(page: NextInput): number {
  return countDevices(page, ({ state }) => isInFlight(state));
}

function inFlightText(page: NextInput): string {
  const count = inFlight(page);
  return count === 1 ? '1 device has' : `${devices(count)} have`;
}

function toldCount(page: NextInput): number {
  return countDevices(page, ({ state }) => wasTold(state));
}

function upper(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
}

/** "a, b or c". */
function orText(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}

function devices(count: number): string {
  return plural(count, 'device');
}
