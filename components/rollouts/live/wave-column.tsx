'use client';

import type { RolloutPage } from '@/server/queries/rollout-pages.ts';
import type { Cell, DrawnCell } from '../../status/cells.ts';
import { DeviceCells } from '../../status/device-cells.tsx';
import { StatusGlyph } from '../../status/status.tsx';
import { formatCount, formatDuration } from '../../ui/format.ts';
import { Clock } from '../../ui/time.tsx';
import { useClockText } from '../../ui/use-now.ts';
import { KindBar } from './kind-bar.tsx';
import type { KindLine } from './wave-cells.ts';
import classes from './wave-column.module.css';
import { waveFacts } from './wave-facts.ts';
import { arrivalOf, secondsText, type Wave } from './words.ts';

type WaveColumnProps = {
  page: RolloutPage;
  wave: Wave;
  cells: readonly Cell[];
  /** In the place of cells where there are too many devices. */
  lines: readonly KindLine[];
  isLast: boolean;
  onOpen: (deviceId: string) => void;
  onHot: (cell: DrawnCell | null) => void;
  onChoose: (kind: KindLine['kind']) => void;
};

/** One wave: how far it is, its devices, and the counts it is judged by. */
export function WaveColumn({ page, wave, cells, lines, isLast, onOpen, onHot, onChoose }: WaveColumnProps) {
  const plan = page.rollout.plan.waves[wave.position];
  const { strong, rest } = waveFacts(wave, plan, page.rollout.state, arrivalOf(page));
  return (
    <li className={classes.wave} data-state={wave.state} data-last={isLast}>
      <span className={classes.mark}>
        <StatusGlyph axis="wave" value={wave.state} />
      </span>
      <WaveLine wave={wave} bakeS={plan?.bake.seconds ?? 0} />
      <h2 className={classes.name}>
        {wave.name} <span className={classes.count}>{formatCount(wave.counts.total)}</span>
      </h2>
      <p className={classes.state}>
        <WaveState
          wave={wave}
          bakeS={plan?.bake.seconds ?? 0}
          isOver={page.rollout.finishedAt !== null}
          needsApproval={plan?.approval === true && wave.approvedAt === null}
        />
      </p>
      {cells.length > 0 && (
        <div className={classes.cells}>
          <DeviceCells cells={cells} label={`Devices of ${wave.name}`} onOpen={onOpen} onHot={onHot} isSilent />
        </div>
      )}
      {lines.length > 0 && (
        <div className={classes.cells}>
          <KindBar lines={lines} of={wave.name} onChoose={onChoose} />
        </div>
      )}
      <p>
        <b>{strong.count}</b> {strong.words}
      </p>
      {rest.map((line) => (
        <p key={line}>{line}</p>
      ))}
    </li>
  );
}

/** The line to the next wave, filled as far as this one has come. */
function WaveLine({ wave, bakeS }: { wave: Wave; bakeS: number }) {
  const { state, counts, bakingAt } = wave;
  const share = useClockText((nowMs) => {
    if (state === 'rolling') return (counts.finished / Math.max(1, counts.total)).toFixed(3);
    if (state !== 'baking' || !bakingAt || bakeS === 0) return '0';
    return Math.min(1, (nowMs - bakingAt.getTime()) / (bakeS * 1000)).toFixed(3);
  });
  return (
    <span className={classes.line} aria-hidden="true">
      <i style={{ width: `${Number(share) * 100}%` }} suppressHydrationWarning />
    </span>
  );
}

type WaveStateProps = { wave: Wave; bakeS: number; isOver: boolean; needsApproval: boolean };

function WaveState({ wave, bakeS, isOver, needsApproval }: WaveStateProps) {
  const { state, bakingAt, startedAt, finishedAt } = wave;
  const since = (state === 'baking' ? bakingAt : startedAt)?.getTime() ?? 0;
  const age = useClockText((nowMs) => formatDuration(Math.max(0, Math.floor((nowMs - since) / 1000) * 1000)));
  switch (state) {
    case 'pending':
      return isOver ? 'Not started' : needsApproval ? 'Needs approval' : 'Waits for its turn';
    case 'rolling':
      return (
        <>
          <b>Moving</b> {since > 0 && age}
        </>
      );
    case 'baking':
      return (
        <>
          <b>Baking</b> {age} of {secondsText(bakeS)}
        </>
      );
    case 'passed':
    case 'failed':
    case 'skipped':
      return (
        <>
          <b>{{ passed: 'Passed', failed: 'Failed', skipped: 'Passed over' }[state]}</b>{' '}
          {finishedAt && <Clock at={finishedAt} style="minute" />}
        </>
      );
  }
}
