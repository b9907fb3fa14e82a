'use client';

import { ActionIcon } from '@mantine/core';
import { useId, useState } from 'react';
import { gateMetrics } from '@/server/domain/rollout/gates/gate.ts';
import { Icon } from '../../ui/icon.tsx';
import { gateWord, sampleNoun } from '../live/words.ts';
import { freshGate, type GateDraft, limitUnit } from './gate-draft.ts';
import classes from './gates-fold.module.css';
import { NumberField } from './number-field.tsx';
import { PickOne } from './pick-one.tsx';
import type { Problems } from './problems.ts';

type GateFieldsProps = {
  gate: GateDraft;
  place: number;
  problems: Problems['gates'][number][number];
  onChange: (gate: GateDraft) => void;
  onRemove: () => void;
};

const METRICS = gateMetrics.map((value) => ({ value, label: gateWord(value) }));
const COMPARISONS: { value: GateDraft['compare']; label: string }[] = [
  { value: 'absolute', label: 'a value' },
  { value: 'vs_previous', label: 'the same devices before' },
  { value: 'vs_control', label: 'devices not moved yet' },
];
const OPS: { value: GateDraft['op']; label: string }[] = [
  { value: '<=', label: 'at most' },
  { value: '>=', label: 'at least' },
];
const NO_DATA: { value: GateDraft['onNoData']; label: string }[] = [
  { value: 'wait', label: 'wait, then ask' },
  { value: 'pause', label: 'pause' },
  { value: 'pass', label: 'pass' },
];
const BREACH: { value: GateDraft['onBreach']; label: string }[] = [
  { value: 'roll-back', label: 'roll back' },
  { value: 'pause', label: 'pause' },
];

/** Where a metric comes from, for those that not every device has. */
const NOTES: Partial<Record<GateDraft['metric'], string>> = {
  accuracy: 'By labels: those of the device itself, and those that come later.',
  estimated_accuracy: 'By the calibrated confidence, without labels. Needs a version with a calibration.',
  drift:
    'Distance of what drifts most of inputs and answers from the version’s reference: 0 is alike, 1 nothing in common.',
};

/** One gate: what is measured, against what, the limit; behind "more" the sample it needs and what a breach or no data does. */
export function GateFields({ gate, place, problems, onChange, onRemove }: GateFieldsProps) {
  const id = useId();
  const at = `gate ${place}`;
  const [isChosen, setChosen] = useState(false);
  const isOpen = isChosen || 'minDevices' in problems || 'minInferences' in problems;
  const note = NOTES[gate.metric];
  const change = (part: Partial<GateDraft>) => onChange({ ...gate, ...part });
  const measure = (part: Partial<Pick<GateDraft, 'metric' | 'compare'>>) => {
    const { op, limit } = freshGate(gate.id, { metric: gate.metric, compare: gate.compare, ...part });
    change({ ...part, op, limit });
  };
  return (
    <li className={classes.gate}>
      <PickOne
        label={`Metric of ${at}`}
        isLabelHidden
        value={gate.metric}
        options={METRICS}
        onChange={(metric) => measure({ metric })}
      />
      <PickOne
        label={`Comparison of ${at}`}
        isLabelHidden
        value={gate.compare}
        options={COMPARISONS}
        onChange={(compare) => measure({ compare })}
      />
      <PickOne label={`Side of ${at}`} isLabelHidden value={gate.op} options={OPS} onChange={(op) => change({ op })} />
      <NumberField
        label={`Limit of ${at}`}
        isLabelHidden
        unit={limitUnit(gate)}
        step={gate.metric === 'drift' ? 0.01 : limitUnit(gate) === '×' ? 0.1 : 1}
        canBeNegative
        value={gate.limit}
        onChange={(limit) => change({ limit })}
        isWrong={problems.limit !== undefined}
      />
      <div className={classes.ends}>
        <ActionIcon
          aria-label={`More of ${at}`}
          aria-expanded={isOpen}
          aria-controls={id}
          onClick={() => setChosen(!isOpen)}
        >
          <Icon name={isOpen ? 'down' : 'more'} size={14} />
        </ActionIcon>
        <ActionIcon aria-label={`Remove ${at}`} onClick={onRemove}>
          <Icon name="close" size={14} />
        </ActionIcon>
      </div>
      <div id={id} className={classes.more} hidden={!isOpen}>
        <PickOne
          label="A breach makes it"
          value={gate.onBreach}
          options={BREACH}
          onChange={(onBreach) => change({ onBreach })}
        />
        <PickOne
          label="Without data"
          value={gate.onNoData}
          options={NO_DATA}
          onChange={(onNoData) => change({ onNoData })}
        />
        <NumberField
          label="Devices needed"
          value={gate.minDevices}
          onChange={(minDevices) => change({ minDevices })}
          error={problems.minDevices}
        />
        <NumberField
          label={`${capital(sampleNoun(gate.metric))}s needed`}
          value={gate.minInferences}
          onChange={(minInferences) => change({ minInferences })}
          error={problems.minInferences}
        />
      </div>
      {problems.limit && (
        <p className={classes.problem} role="alert">
          {`Limit: ${problems.limit}`}
        </p>
      )}
      {note && <p className={classes.hint}>{note}</p>}
    </li>
  );
}

function capital(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
}
