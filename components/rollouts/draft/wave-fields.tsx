'use client';

import { ActionIcon, Checkbox, TextInput } from '@mantine/core';
import { useId, useState } from 'react';
import { Icon } from '../../ui/icon.tsx';
import { NumberField } from './number-field.tsx';
import { PickOne } from './pick-one.tsx';
import type { Problems } from './problems.ts';
import type { WaveDraft } from './wave-draft.ts';
import classes from './waves-fold.module.css';

type WaveFieldsProps = {
  wave: WaveDraft;
  place: number;
  problems: Problems['waves'][number];
  onChange: (change: Partial<WaveDraft>) => void;
  onRemove: (() => void) | undefined;
};

const WORDS: Partial<Record<keyof WaveDraft, string>> = {
  name: 'Name',
  amount: 'Size',
  selector: 'Labels',
  bakeMinutes: 'Bake',
  minSuccess: 'Must serve',
  maxErrors: 'May fail',
  minBakeMinutes: 'Bake at least',
  maxBakeMinutes: 'Bake at most',
};

/** The fields behind "more", which most plans leave as they are. */
const MORE: readonly (keyof WaveDraft)[] = [
  'minBakeMinutes',
  'maxBakeMinutes',
  'successSample',
  'errorSample',
  'maxErrorCount',
];

/** One wave on one line: its size, how long it bakes, what it must show, and who lets it start. On a phone each field says what it is. */
export function WaveFields({ wave, place, problems, onChange, onRemove }: WaveFieldsProps) {
  const id = useId();
  const at = `wave ${place}`;
  const wrong = Object.entries(problems) as [keyof WaveDraft, string][];
  const [isChosen, setChosen] = useState(false);
  const isOpen = isChosen || MORE.some((field) => field in problems);
  const number = (label: string, key: NumberKey, unit: string) => (
    <NumberField
      label={label}
      isLabelHidden
      unit={unit}
      value={wave[key]}
      onChange={(value) => onChange({ [key]: value })}
      isWrong={problems[key] !== undefined}
    />
  );
  return (
    <li className={classes.wave}>
      <TextInput
        aria-label={`Name of ${at}`}
        value={wave.name}
        onChange={(event) => onChange({ name: event.currentTarget.value })}
        error={problems.name !== undefined}
        maxLength={60}
      />
      <Size wave={wave} at={at} problems={problems} onChange={onChange} />
      <Cell label="Bakes">{number(`Bake time of ${at}, minutes`, 'bakeMinutes', 'min')}</Cell>
      <Cell label="Must serve">{number(`Devices of ${at} that must serve it, percent`, 'minSuccess', '%')}</Cell>
      <Cell label="May fail">{number(`Devices of ${at} that may fail, percent`, 'maxErrors', '%')}</Cell>
      <Cell label="Approval">
        <Checkbox
          className={classes.check ?? ''}
          aria-label={`A person must let ${at} start`}
          checked={wave.approval}
          onChange={(event) => onChange({ approval: event.currentTarget.checked })}
        />
      </Cell>
      <div className={classes.ends}>
        <ActionIcon
          aria-label={`More of ${at}`}
          aria-expanded={isOpen}
          aria-controls={id}
          onClick={() => setChosen(!isOpen)}
        >
          <Icon name={isOpen ? 'down' : 'more'} size={14} />
        </ActionIcon>
        <ActionIcon aria-label={`Remove ${at}`} disabled={onRemove === undefined} onClick={onRemove}>
          <Icon name="close" size={14} />
        </ActionIcon>
      </div>
      <div id={id} className={classes.more} hidden={!isOpen}>
        <MoreFields wave={wave} problems={problems} onChange={onChange} />
      </div>
      {wrong.length > 0 && (
        <p className={classes.problem} role="alert">
          {wrong.map(([field, problem]) => `${WORDS[field] ?? 'More'}: ${problem}`).join(' ')}
        </p>
      )}
    </li>
  );
}

type NumberKey =
  | 'bakeMinutes'
  | 'minSuccess'
  | 'maxErrors'
  | 'minBakeMinutes'
  | 'maxBakeMinutes'
  | 'successSample'
  | 'errorSample'
  | 'maxErrorCount';
type PartProps = Omit<WaveFieldsProps, 'place' | 'onRemove'>;

function Size({ wave, at, problems, onChange }: PartProps & { at: string }) {
  return (
    <div className={classes.size}>
      {wave.unit === 'selector' ? (
        <TextInput
          aria-label={`Labels of ${at}`}
          placeholder="stage=canary"
          value={wave.selector}
          onChange={(event) => onChange({ selector: event.currentTarget.value })}
          error={problems.selector !== undefined}
          autoComplete="off"
          spellCheck={false}
        />
      ) : (
        <NumberField
          label={`Size of ${at}`}
          isLabelHidden
          value={wave.amount}
          onChange={(amount) => onChange({ amount })}
          isWrong={problems.amount !== undefined}
        />
      )}
      <PickOne
        label={`Unit of the size of ${at}`}
        isLabelHidden
        value={wave.unit}
        onChange={(unit) => onChange(unit === 'selector' ? { unit } : { unit, amount: wave.amount ?? 1 })}
        options={[
          { value: 'count', label: wave.amount === 1 ? 'device' : 'devices' },
          { value: 'percent', label: '%' },
          { value: 'selector', label: 'labels' },
        ]}
      />
    </div>
  );
}

const MORE_FIELDS: { key: NumberKey; label: string; unit?: string; placeholder?: string }[] = [
  { key: 'minBakeMinutes', label: 'Bake may end after', unit: 'min', placeholder: 'never early' },
  { key: 'maxBakeMinutes', label: 'Waits for data up to', unit: 'min', placeholder: '10 × the bake' },
  { key: 'successSample', label: 'Must serve: at least of', unit: 'finished' },
  { key: 'errorSample', label: 'May fail: judged from', unit: 'finished' },
  { key: 'maxErrorCount', label: 'May fail: devices', placeholder: 'any number' },
];

function MoreFields({ wave, problems, onChange }: PartProps) {
  return MORE_FIELDS.map(({ key, label, unit, placeholder }) => (
    <NumberField
      key={key}
      label={label}
      {...(unit && { unit })}
      {...(placeholder && { placeholder })}
      value={wave[key]}
      onChange={(value) => onChange({ [key]: value })}
      isWrong={problems[key] !== undefined}
    />
  ));
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
