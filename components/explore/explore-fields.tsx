'use client';

import { Button, Checkbox, MultiSelect, Select, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { useState } from 'react';
import { metricTitle } from '@/server/domain/telemetry/metric-words.ts';
import type { ExploreChoices } from '@/server/queries/explore.ts';
import { Choice } from '../ui/choice.tsx';
import classes from './explore-fields.module.css';
import { METRIC_KEYS } from './metrics.ts';
import { type ExploreView, MAX_METRICS, type Split } from './use-explore-url.ts';

const TYPING_MS = 400;

const SPLIT_WORDS: { value: Split; label: string }[] = [
  { value: 'version', label: 'Version' },
  { value: 'device', label: 'Device' },
  { value: 'label', label: 'Label' },
  { value: 'none', label: 'All together' },
];

type ExploreFieldsProps = {
  view: ExploreView;
  choices: ExploreChoices | undefined;
  /** Why the selector cannot be read, as the server says it. */
  selectorError: string | null;
  onChange: (next: Partial<ExploreView>) => void;
};

/** What to chart, a line for each what, and of which versions and devices. */
export function ExploreFields({ view, choices, selectorError, onChange }: ExploreFieldsProps) {
  const models = choices?.models ?? [];
  const versions = models.filter(({ name }) => view.model === '' || name === view.model);
  const options = versions.map(({ name, versions: rows }) => ({
    group: name,
    items: rows.map(({ id, version }) => ({ value: id, label: models.length > 1 ? `${name} ${version}` : version })),
  }));
  return (
    <div className={classes.fields}>
      <MultiSelect
        label="Metrics"
        data={METRIC_KEYS.map((value) => ({ value, label: metricTitle(value) }))}
        value={view.metrics}
        onChange={(next) => next.length > 0 && onChange({ metrics: METRIC_KEYS.filter((key) => next.includes(key)) })}
        maxValues={MAX_METRICS}
        className={classes.wide ?? ''}
        hidePickedOptions
        searchable
        nothingFoundMessage="No such metric"
      />
      <Choice
        label="One line for each"
        options={SPLIT_WORDS}
        value={view.split}
        onChange={(split) => onChange({ split })}
        isWide
      />
      {view.split === 'label' && (
        <Select
          label="Label"
          placeholder="Choose a label"
          data={choices?.labelKeys ?? []}
          value={view.label || null}
          onChange={(label) => onChange({ label: label ?? '' })}
          nothingFoundMessage="No device has a label yet"
          searchable
          allowDeselect={false}
        />
      )}
      <Select
        label="Model"
        placeholder="Every model"
        data={models.map(({ name }) => name)}
        value={view.model || null}
        onChange={(model) => onChange({ model: model ?? '', versions: [] })}
        clearable
        searchable
        nothingFoundMessage="No model by that name"
      />
      <MultiSelect
        label="Versions"
        placeholder={view.versions.length === 0 ? 'Every version' : ''}
        data={options}
        value={view.versions}
        onChange={(next) => onChange({ versions: next })}
        clearable
        searchable
        nothingFoundMessage="No such version"
      />
      <SelectorField selector={view.selector} error={selectorError} onChange={onChange} />
      <Checkbox
        className={classes.same ?? ''}
        label="Only devices that ran every one of these versions"
        description={
          view.versions.length < 2
            ? 'Choose two versions or more to compare them on the same devices.'
            : 'Versions are then compared on the same hardware and the same inputs.'
        }
        checked={view.sameDevices && view.versions.length >= 2}
        disabled={view.versions.length < 2}
        onChange={(event) => onChange({ sameDevices: event.currentTarget.checked })}
      />
    </div>
  );
}

type SelectorFieldProps = { selector: string; error: string | null; onChange: ExploreFieldsProps['onChange'] };

function SelectorField({ selector, error, onChange }: SelectorFieldProps) {
  const [text, setText] = useState(selector);
  const [seen, setSeen] = useState(selector);
  // The address changed elsewhere (back, a reset): the field follows.
  if (selector !== seen) {
    setSeen(selector);
    if (selector !== text.trim()) setText(selector);
  }
  const settle = useDebouncedCallback((next: string) => onChange({ selector: next.trim() }), TYPING_MS);
  return (
    <TextInput
      label="Devices"
      placeholder="Every device, or site=oslo"
      value={text}
      onChange={(event) => {
        setText(event.currentTarget.value);
        settle(event.currentTarget.value);
      }}
      error={error}
      autoComplete="off"
      spellCheck={false}
      rightSection={
        text === '' ? null : (
          <Button
            variant="quiet"
            aria-label="Clear the devices"
            onClick={() => {
              setText('');
              onChange({ selector: '' });
            }}
          >
            ×
          </Button>
        )
      }
    />
  );
}
