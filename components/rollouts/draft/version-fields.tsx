'use client';

import { Select } from '@mantine/core';
import type { ModelListRow } from '@/server/db/model-list.ts';
import { formatAge, plural } from '../../ui/format.ts';
import { problemOf } from '../../ui/problem.ts';
import { useClockText } from '../../ui/use-now.ts';
import classes from './fields.module.css';
import type { DraftState } from './use-draft.ts';

/** Which model, and which of its versions; the newest unless another is chosen. */
export function VersionFields({ draft, models }: { draft: DraftState; models: readonly ModelListRow[] }) {
  const { names, model, chooseModel, chooseVersion } = draft;
  const minute = Number(useClockText((nowMs) => String(Math.floor(nowMs / 60_000) * 60_000)));
  const versions = (model.data?.versions ?? []).map(({ version, createdAt, servingDevices }) => ({
    value: version,
    label: version,
    note: [
      `${formatAge(createdAt.getTime(), minute)} ago`,
      servingDevices > 0 ? `on ${plural(servingDevices, 'device')}` : 'on no device',
    ].join(', '),
  }));
  const notes = new Map(versions.map(({ value, note }) => [value, note]));
  return (
    <div className={classes.pair}>
      <Select
        label="Model"
        placeholder="Choose a model"
        data={models.map(({ name }) => name)}
        value={names.model || null}
        onChange={(next) => next && chooseModel(next)}
        error={model.error ? problemOf(model.error).sentence : null}
        allowDeselect={false}
        searchable
        nothingFoundMessage="No model by that name"
      />
      <Select
        label="Version"
        placeholder={names.model ? 'Choose a version' : 'First choose a model'}
        data={versions.map(({ value, label }) => ({ value, label }))}
        value={names.version || null}
        onChange={(next) => next && chooseVersion(next)}
        renderOption={({ option }) => (
          <span className={classes.option}>
            {option.label} <span>{notes.get(option.value)}</span>
          </span>
        )}
        disabled={names.model === '' || versions.length === 0}
        error={names.model !== '' && model.data?.versions.length === 0 ? 'This model has no version yet.' : null}
        allowDeselect={false}
      />
    </div>
  );
}
