'use client';

import { MultiSelect, NumberInput, SegmentedControl, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useForbidden } from '../../console/access.tsx';
import { useTRPC } from '../../trpc/client.ts';
import { FormActions } from '../../ui/form-actions.tsx';
import { FormSection } from '../../ui/form-section.tsx';
import { useOrg } from '../../ui/use-org.ts';
import { type MuteDraft, newMute, readMute } from './mute-draft.ts';
import classes from './mute-form.module.css';

/** Silences alerts for a time, once or again and again. */
export function MuteForm({ onDone }: { onDone: () => void }) {
  const { org } = useOrg();
  const trpc = useTRPC();
  const client = useQueryClient();
  const forbidden = useForbidden('alerts:write');
  const rules = useQuery(trpc.alerts.rules.queryOptions({ org }));
  const [draft, setDraft] = useState(() => newMute(Date.now(), Intl.DateTimeFormat().resolvedOptions().timeZone));
  const [isAsked, setAsked] = useState(false);
  const save = useMutation(
    trpc.alerts.saveMute.mutationOptions({
      onSuccess: async () => {
        await client.invalidateQueries({ queryKey: trpc.alerts.pathKey() });
        onDone();
      },
    }),
  );
  const read = readMute(draft);
  const problem = (field: string) => (isAsked ? (read.problems?.get(field) ?? null) : null);
  const change = (fields: Partial<MuteDraft>) => setDraft({ ...draft, ...fields });
  const text = (key: 'name' | 'from' | 'to' | 'cron' | 'timeZone' | 'selector', label: string, more: object = {}) => (
    <TextInput
      label={label}
      value={draft[key]}
      onChange={(event) => change({ [key]: event.currentTarget.value })}
      error={problem(key)}
      autoComplete="off"
      spellCheck={false}
      {...more}
    />
  );

  function submit(event: FormEvent) {
    event.preventDefault();
    setAsked(true);
    if (read.mute) save.mutate({ org, mute: read.mute });
  }

  return (
    <FormSection title="New mute" onClose={onDone}>
      <form className={classes.form} onSubmit={submit} noValidate>
        <SegmentedControl
          aria-label="How often"
          withItemsBorders={false}
          data={[
            { value: 'once', label: 'Once' },
            { value: 'again', label: 'Again and again' },
          ]}
          value={draft.kind}
          onChange={(kind) => change({ kind: kind as MuteDraft['kind'] })}
        />
        <div className={classes.fields}>
          {text('name', 'Why', {
            placeholder: 'Line change in Oslo',
            maxLength: 200,
            description: 'Whoever wonders will read it.',
          })}
          <MultiSelect
            label="Rules"
            description="Empty means every rule."
            placeholder={draft.ruleIds.length === 0 ? 'Every rule' : ''}
            data={(rules.data ?? []).map(({ id, name }) => ({ value: id, label: name }))}
            value={draft.ruleIds}
            onChange={(ruleIds) => change({ ruleIds })}
          />
          {text('selector', 'Devices', { placeholder: 'Every device', description: 'Labels, such as site=oslo.' })}
        </div>
        <div className={classes.fields}>
          {draft.kind === 'once' ? (
            <>
              {text('from', 'From', { type: 'datetime-local' })}
              {text('to', 'To', { type: 'datetime-local' })}
            </>
          ) : (
            <>
              {text('cron', 'Begins at', {
                description: 'Cron, five fields: 0 2 * * 1-5 is 02:00 from Monday to Friday.',
              })}
              {text('timeZone', 'Time zone', { description: 'Such as Europe/Oslo; it knows summer time.' })}
              <NumberInput
                label="For"
                description="Up to a day."
                suffix=" min"
                value={draft.minutes}
                onChange={(minutes) => typeof minutes === 'number' && change({ minutes })}
                error={problem('minutes')}
                min={1}
                max={1440}
                allowDecimal={false}
                hideControls
              />
            </>
          )}
        </div>
        <FormActions label="Mute" action={save} forbidden={forbidden} />
      </form>
    </FormSection>
  );
}
