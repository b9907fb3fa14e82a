'use client';

import { SegmentedControl } from '@mantine/core';
import type { WavePlan } from '@/server/domain/rollout/plan.ts';
import type { RolloutPage } from '@/server/queries/rollout-pages.ts';
import { SectionHead } from '../../ui/section.tsx';
import { GateTable } from './gate-table.tsx';
import classes from './gates-section.module.css';
import { RolloutCharts } from './rollout-charts.tsx';
import { useRolloutSeries } from './use-rollout-series.ts';
import { useShownWave } from './use-shown-wave.ts';
import { secondsText } from './words.ts';

/** The gates of a wave with their numbers, and the lines behind them. */
export function GatesSection({ page }: { page: RolloutPage }) {
  const { waves, rollout } = page;
  const { wave, show } = useShownWave(waves);
  const series = useRolloutSeries(page);
  const plan = wave && rollout.plan.waves[wave.position];
  const hasGates = waves.some(({ position }) => (rollout.plan.waves[position]?.bake.gates.length ?? 0) > 0);
  if (!wave || !plan) return null;
  return (
    <>
      <SectionHead
        title={waves.length > 1 ? `Gates of wave ${wave.position + 1}` : 'Gates'}
        sentence={waves.length > 1 ? `${wave.name}, bakes ${secondsText(plan.bake.seconds)}` : undefined}
        end={
          hasGates && waves.length > 1 ? (
            <SegmentedControl
              withItemsBorders={false}
              aria-label="Wave whose gates are shown"
              size="xs"
              value={String(wave.position)}
              onChange={(value) => show(Number(value))}
              data={waves.map(({ position }) => ({ value: String(position), label: String(position + 1) }))}
            />
          ) : undefined
        }
      />
      {plan.bake.gates.length === 0 ? (
        <p className={classes.none}>{withoutGates(plan)}</p>
      ) : (
        <GateTable page={page} wave={wave} series={series} />
      )}
      <RolloutCharts page={page} series={series} gates={plan.bake.gates} />
    </>
  );
}

function withoutGates({ success, bake }: WavePlan): string {
  if (success.minPercent === 0) return 'This wave has no gate: it is over when every device has answered or timed out.';
  const baked = bake.seconds > 0 ? ` and have done so for ${secondsText(bake.seconds)}` : '';
  return `This wave has no gate: it passes when ${success.minPercent} % of its reachable devices serve the release${baked}.`;
}
