'use client';

import type { ReactNode } from 'react';
import { opOf, type Gate as PlannedGate } from '@/server/domain/rollout/gates/gate.ts';
import type { RolloutPage } from '@/server/queries/rollout-pages.ts';
import { GateScale, GateScaleHead } from '../../charts/gate-scale.tsx';
import { ToneWord } from '../../status/status.tsx';
import { entityColor } from '../../ui/entity-color.ts';
import { formatCount, plural } from '../../ui/format.ts';
import { VersionTag } from '../../ui/tags.tsx';
import classes from './gate-table.module.css';
import { meanOf, type useRolloutSeries } from './use-rollout-series.ts';
import {
  type Gate,
  gateWord,
  heldAgainst,
  lackText,
  levelText,
  limitText,
  sampleText,
  valueText,
  type Wave,
} from './words.ts';

type GateTableProps = { page: RolloutPage; wave: Wave; series: ReturnType<typeof useRolloutSeries> };

/** Each gate as number, scale, limit and sample; what the devices served before stands dimmed beside it. */
export function GateTable({ page, wave, series }: GateTableProps) {
  const planned = page.rollout.plan.waves[wave.position]?.bake.gates ?? [];
  const gates = wave.gates.length > 0 ? wave.gates : planned.map((gate) => waiting(gate));
  const candidate = series.versions.find(({ isNew }) => isNew);
  const before = series.versions.find(({ isNew }) => !isNew);
  return (
    <div className={classes.scroll}>
      <table className={classes.table}>
        <thead>
          <tr>
            <th scope="col">Gate</th>
            <th scope="col" data-end>
              {candidate ? <VersionTag id={candidate.colorId} name={candidate.version} /> : 'New'}
            </th>
            {before && (
              <th scope="col" data-end>
                <VersionTag id={before.colorId} name={before.version} />
              </th>
            )}
            <th scope="col" data-scale>
              <GateScaleHead />
            </th>
            <th scope="col" data-end>
              Limit
            </th>
            <th scope="col">Sample</th>
            <th scope="col">Verdict</th>
          </tr>
        </thead>
        <tbody>
          {gates.map((gate, i) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a gate has no name of its own, and the plan's order never changes
            <tr key={i}>
              <th scope="row">
                {gateWord(gate.metric)}
                <small className={classes.against}>{heldAgainst(gate)}</small>
              </th>
              <td data-end className={classes.value}>
                {gate.value === undefined ? (
                  <span className={classes.none}>no data</span>
                ) : (
                  <Measured gate={gate} value={gate.value} />
                )}
              </td>
              {before && (
                <td data-end className={classes.before}>
                  <Before gate={gate} charted={chartedMean(series, before.versionId, gate.metric)} />
                </td>
              )}
              <td data-scale>
                {gate.value !== undefined && (
                  <GateScale
                    value={gate.value}
                    low={gate.low}
                    high={gate.high}
                    limit={gate.limit}
                    passes={gate.op === '>=' ? 'above' : 'below'}
                    color={entityColor(candidate?.colorId ?? '')}
                    isIdle={gate.verdict === 'not-enough-evidence'}
                    label={scaleLabel(gate, gate.value)}
                  />
                )}
              </td>
              <td data-end className={classes.limit}>
                {limitText(gate)}
              </td>
              <td className={classes.sample}>
                <Sample gate={gate} />
              </td>
              <td className={classes.verdict}>
                <Verdict gate={gate} isBaking={wave.state === 'baking'} hasBaked={wave.bakingAt !== null} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** A planned gate that nothing was measured for yet. */
function waiting(gate: PlannedGate): Gate {
  const { metric, compare, limit, minInferences, minDevices } = gate;
  const planned = { metric, compare, limit, minInferences, minDevices, op: opOf(gate) };
  return { ...planned, verdict: 'not-enough-evidence', devices: 0, n: 0 };
}

/** The metric now, and under it the change that is judged. */
function Measured({ gate, value }: { gate: Gate; value: number }) {
  if (gate.compare === 'absolute') return levelText(value, gate.metric);
  return (
    <>
      {gate.current !== undefined && levelText(gate.current, gate.metric)}
      <small className={classes.change}>{valueText(value, gate)}</small>
    </>
  );
}

function Before({ gate, charted }: { gate: Gate; charted: number | null }): ReactNode {
  const value = gate.reference ?? charted;
  return value === null ? 'no data' : levelText(value, gate.metric);
}

const CHARTED = {
  latency_p95: 'latency_p95_ms',
  accuracy: 'accuracy',
  energy_mj: 'energy_mj',
  error_rate: 'error_rate',
} as const;

function chartedMean(series: GateTableProps['series'], versionId: string, metric: Gate['metric']): number | null {
  return metric in CHARTED ? meanOf(series.data, versionId, CHARTED[metric as keyof typeof CHARTED]) : null;
}

function scaleLabel(gate: Gate, value: number): string {
  const { low, high } = gate;
  const range =
    low === undefined || high === undefined ? '' : `, from ${valueText(low, gate)} to ${valueText(high, gate)}`;
  return `${gateWord(gate.metric)} ${valueText(value, gate)}${range}, limit ${limitText(gate)}`;
}

/** What the number stands on; a bar while it is too little. */
function Sample({ gate }: { gate: Gate }) {
  const isShort = gate.verdict === 'not-enough-evidence' && gate.n < gate.minInferences;
  return (
    <>
      {isShort && (
        <span className={classes.need} aria-hidden="true">
          <i style={{ width: `${(gate.n / gate.minInferences) * 100}%` }} />
        </span>
      )}
      {isShort
        ? `${formatCount(gate.n)} of ${sampleText(gate.metric, gate.minInferences)}`
        : sampleText(gate.metric, gate.n)}
      {gate.n > 0 && <small>{devicesText(gate)}</small>}
    </>
  );
}

function devicesText({ devices, minDevices, controlDevices }: Gate): string {
  const own =
    devices < minDevices ? `${formatCount(devices)} of ${plural(minDevices, 'device')}` : plural(devices, 'device');
  return controlDevices === undefined ? own : `${own}, beside ${formatCount(controlDevices)}`;
}

function Verdict({ gate, isBaking, hasBaked }: { gate: Gate; isBaking: boolean; hasBaked: boolean }) {
  switch (gate.verdict) {
    case 'pass':
      return (
        <ToneWord glyph="check" tone="ok">
          {gate.isFirst ? 'First release' : isBaking ? 'Passes' : 'Passed'}
        </ToneWord>
      );
    case 'breach':
      return (
        <ToneWord glyph="octagon" tone="critical">
          Breach
        </ToneWord>
      );
    case 'not-enough-evidence':
      return hasBaked ? (
        <ToneWord glyph="dashed-ring" tone="unknown">
          {lackText(gate)}
        </ToneWord>
      ) : (
        <ToneWord glyph="ring" tone="quiet">
          Not judged yet
        </ToneWord>
      );
  }
}
