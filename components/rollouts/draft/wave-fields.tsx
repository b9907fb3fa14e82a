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

const WORDS: Record<keyof WaveDraft, string> = {
  id: 'Wave',
  name: 'Name',
  unit: 'Unit',
  amount: 'Size',
  bakeMinutes: 'Bake',
  minSuccess: 'Must serve',
  maxErrors: 'May fail',
  maxErrorRate: 'Errors',
  minAccuracy: 'Accuracy',
};

/** One wave on one line: its size, how long it bakes, and what it must show. On a phone each field says what it is. */
export function WaveFields({ wave, place, isLabelled, problems, onChange, onRemove }: WaveFieldsProps) {
  const at = `wave ${place}`;
  const wrong = Object.entries(problems) as [keyof Problems['waves'][number], string][];
  return (
    <li className={classes.wave}>
      <TextInput
        aria-label={`Name of ${at}`}
        value={wave.name}
        onChange={(event) => onChange({ name: event.currentTarget.value })}
        error={problems.name !== undefined}
        maxLength={60}
      />
      <div className={classes.size}>
        <NumberField
          label={`Size of ${at}`}
          isLabelHidden
          value={wave.amount}
          onChange={(amount) => onChange({ amount })}
          isWrong={problems.amount !== undefined}
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
          isWrong={problems.bakeMinutes !== undefined}
        />
      </Cell>
      <Cell label="Must serve">
        <NumberField
          label={`Devices of ${at} that must serve it, percent`}
          isLabelHidden
          unit="%"
          value={wave.minSuccess}
          onChange={(minSuccess) => onChange({ minSuccess })}
          isWrong={problems.minSuccess !== undefined}
        />
      </Cell>
      <Cell label="May fail">
        <NumberField
          label={`Devices of ${at} that may fail, percent`}
          isLabelHidden
          unit="%"
          value={wave.maxErrors}
          onChange={(maxErrors) => onChange({ maxErrors })}
          isWrong={problems.maxErrors !== undefined}
        />
      </Cell>
      <Cell label="Errors ≤">
        <NumberField
          label={`Gate of ${at}: error rate at most, percent`}
          isLabelHidden
          unit="%"
          placeholder="none"
          value={wave.maxErrorRate}
          onChange={(maxErrorRate) => onChange({ maxErrorRate })}
          isWrong={problems.maxErrorRate !== undefined}
        />
      </Cell>
      {isLabelled && (
        <Cell label="Accuracy ≥">
          <NumberField
            label={`Gate of ${at}: accuracy at least, percent`}
            isLabelHidden
            unit="%"
            placeholder="none"
            value={wave.minAccuracy}
            onChange={(minAccuracy) => onChange({ minAccuracy })}
            isWrong={problems.minAccuracy !== undefined}
          />
        </Cell>
      )}
      <ActionIcon aria-label={`Remove ${at}`} disabled={onRemove === undefined} onClick={onRemove}>
        <Icon name="close" size={14} />
      </ActionIcon>
      {wrong.length > 0 && (
        <p className={classes.problem} role="alert">
          {wrong.map(([field, problem]) => `${WORDS[field]}: ${problem}`).join(' ')}
        </p>
      )}
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
