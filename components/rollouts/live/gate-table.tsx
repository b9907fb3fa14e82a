'use client';

import type { ReactNode } from 'react';
import type { RolloutPage } from '@/server/queries/rollout-pages.ts';
import { GateScale, GateScaleHead } from '../../charts/gate-scale.tsx';
import { ToneWord } from '../../status/status.tsx';
import { entityColor } from '../../ui/entity-color.ts';
import { formatCount, plural } from '../../ui/format.ts';
import { VersionTag } from '../../ui/tags.tsx';
import classes from './gate-table.module.css';
import { meanOf, type useRolloutSeries } from './use-rollout-series.ts';
import { type Gate, gateWord, limitText, sampleText, shareText, type Wave } from './words.ts';

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
          {gates.map((gate) => (
            <tr key={gate.metric}>
              <th scope="row">{gateWord(gate.metric)}</th>
              <td data-end className={classes.value}>
                {gate.value === undefined ? (
                  <span className={classes.none}>no data</span>
                ) : (
                  shareText(gate.value, gate.metric)
                )}
              </td>
              {before && (
                <td data-end className={classes.before}>
                  <Before value={meanOf(series.data, before.versionId, gate.metric)} metric={gate.metric} />
                </td>
              )}
              <td data-scale>
                {gate.value !== undefined && (
                  <GateScale
                    value={gate.value}
                    limit={gate.limit}
                    passes={gate.metric === 'accuracy' ? 'above' : 'below'}
                    color={entityColor(candidate?.colorId ?? '')}
                    isIdle={gate.verdict === 'not-enough-evidence'}
                    label={`${gateWord(gate.metric)} ${shareText(gate.value, gate.metric)}, limit ${limitText(gate)}`}
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
function waiting(gate: { metric: Gate['metric']; limit: number; minInferences: number }): Gate {
  return { ...gate, verdict: 'not-enough-evidence', devices: 0, n: 0 };
}

function Before({ value, metric }: { value: number | null; metric: Gate['metric'] }): ReactNode {
  return value === null ? 'no data' : shareText(value, metric);
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
      {gate.n > 0 && <small>{plural(gate.devices, 'device')}</small>}
    </>
  );
}

function Verdict({ gate, isBaking, hasBaked }: { gate: Gate; isBaking: boolean; hasBaked: boolean }) {
  switch (gate.verdict) {
    case 'pass':
      return (
        <ToneWord glyph="check" tone="ok">
          {isBaking ? 'Passes' : 'Passed'}
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
          Needs data
        </ToneWord>
      ) : (
        <ToneWord glyph="ring" tone="quiet">
          Not judged yet
        </ToneWord>
      );
  }
}
