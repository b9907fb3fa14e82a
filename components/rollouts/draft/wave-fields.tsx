'use client';

import { ActionIcon, NativeSelect, TextInput } from '@mantine/core';
import { Icon } from '../../ui/icon.tsx';
import type { WaveDraft } from './draft.ts';
import { NumberField } from './number-field.tsx';
import classes from './plan-fold.module.css';
import type { Problems } from './problems.ts';

type WaveFieldsProps = {
  wave: WaveDraft;
  place: number;
  isLabelled: boolean;
  problems: Problems['waves'][number];
  onChange: (change: Partial<WaveDraft>) => void;
  onRemove: (() => void) | undefined;
};

/** One wave on one line: its size, how long it bakes, and what it must show. On a phone each field says what it is. */
export function WaveFields({ wave, place, isLabelled, problems, onChange, onRemove }: WaveFieldsProps) {
  const at = `wave ${place}`;
  return (
    <li className={classes.wave}>
      <TextInput
        aria-label={`Name of ${at}`}
        value={wave.name}
        onChange={(event) => onChange({ name: event.currentTarget.value })}
        error={problems.name}
        maxLength={60}
      />
      <div className={classes.size}>
        <NumberField
          label={`Size of ${at}`}
          isLabelHidden
          value={wave.amount}
          onChange={(amount) => onChange({ amount })}
          error={problems.amount}
        />
        <NativeSelect
          aria-label={`Unit of the size of ${at}`}
          value={wave.unit}
          onChange={(event) => onChange({ unit: event.currentTarget.value as WaveDraft['unit'] })}
          data={[
            { value: 'count', label: wave.amount === 1 ? 'device' : 'devices' },
            { value: 'percent', label: '%' },
          ]}
        />
      </div>
      <Cell label="Bakes">
        <NumberField
          label={`Bake time of ${at}, minutes`}
          isLabelHidden
          unit="min"
          value={wave.bakeMinutes}
          onChange={(bakeMinutes) => onChange({ bakeMinutes })}
          error={problems.bakeMinutes}
        />
      </Cell>
      <Cell label="Must serve it">
        <NumberField
          label={`Devices of ${at} that must serve it, percent`}
          isLabelHidden
          unit="%"
          value={wave.minSuccess}
          onChange={(minSuccess) => onChange({ minSuccess })}
          error={problems.minSuccess}
        />
      </Cell>
      <Cell label="May fail">
        <NumberField
          label={`Devices of ${at} that may fail, percent`}
          isLabelHidden
          unit="%"
          value={wave.maxErrors}
          onChange={(maxErrors) => onChange({ maxErrors })}
          error={problems.maxErrors}
        />
      </Cell>
      <Cell label="Gate: errors ≤">
        <NumberField
          label={`Gate of ${at}: error rate at most, percent`}
          isLabelHidden
          unit="%"
          placeholder="none"
          value={wave.maxErrorRate}
          onChange={(maxErrorRate) => onChange({ maxErrorRate })}
          error={problems.maxErrorRate}
        />
      </Cell>
      {isLabelled && (
        <Cell label="Gate: accuracy ≥">
          <NumberField
            label={`Gate of ${at}: accuracy at least, percent`}
            isLabelHidden
            unit="%"
            placeholder="none"
            value={wave.minAccuracy}
            onChange={(minAccuracy) => onChange({ minAccuracy })}
            error={problems.minAccuracy}
          />
        </Cell>
      )}
      <ActionIcon aria-label={`Remove ${at}`} disabled={onRemove === undefined} onClick={onRemove}>
        <Icon name="close" size={14} />
      </ActionIcon>
    </li>
  );
}

function Cell({ label, children }: { label: string; children: React.ReactNode }) {
  return (
    <div>
      <span className={classes.cellLabel} aria-hidden="true">
        {label}
      </span>
      {children}
    </div>
  );
}
