'use client';

import { NumberInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Retention } from '@/server/domain/access/organization-settings.ts';
import { useTRPC } from '../trpc/client.ts';
import { useOrg } from '../ui/use-org.ts';
import classes from './save-form.module.css';
import { SaveForm } from './save-form.tsx';

const FIELDS: { key: keyof Retention; label: string; description: string; max: number }[] = [
  { key: 'windowsDays', label: 'Windows', description: 'each device, as it sent them', max: 365 },
  { key: 'minutesDays', label: 'Minutes', description: 'sums of a minute', max: 1_100 },
  { key: 'hoursDays', label: 'Hours', description: 'sums of an hour', max: 3_700 },
];

type Typed = Record<keyof Retention, number | string>;

/** How long telemetry is kept, from the finest to the coarsest. */
export function RetentionForm({ retention }: { retention: Retention }) {
  const { org } = useOrg();
  const trpc = useTRPC();
  const client = useQueryClient();
  const [typed, setTyped] = useState<Partial<Typed>>({});
  const values: Typed = { ...retention, ...typed };
  const parsed = Retention.safeParse(values);
  const isChanged = FIELDS.some(({ key }) => values[key] !== retention[key]);
  const isShorter = FIELDS.some(({ key }) => Number(values[key]) < retention[key]);
  const save = useMutation(
    trpc.settings.updateOrganization.mutationOptions({
      onSuccess: async () => {
        await client.invalidateQueries({ queryKey: trpc.settings.organization.queryKey({ org }) });
        setTyped({});
      },
    }),
  );
  return (
    <SaveForm
      title="Telemetry"
      sentence="How many days of it are kept. Charts of longer ranges are drawn from the coarser sums, with the same percentiles."
      canSave={isChanged && parsed.success}
      save={save}
      onSave={() => parsed.success && save.mutate({ org, retention: parsed.data })}
      onReset={isChanged ? () => setTyped({}) : undefined}
    >
      <div className={classes.three}>
        {FIELDS.map(({ key, label, description, max }) => (
          <NumberInput
            key={key}
            label={label}
            description={description}
            value={values[key]}
            onChange={(value) => setTyped((now) => ({ ...now, [key]: value }))}
            error={problemAt(parsed, key, max)}
            suffix=" days"
            thousandSeparator=","
            allowDecimal={false}
            allowNegative={false}
            hideControls
          />
        ))}
      </div>
      {isShorter && parsed.success && (
        <p className={classes.warning}>Older telemetry is deleted within the hour, and cannot be brought back.</p>
      )}
    </SaveForm>
  );
}

function problemAt(parsed: ReturnType<typeof Retention.safeParse>, key: keyof Retention, max: number): string | null {
  const issue = parsed.error?.issues.find(({ path }) => path[0] === key);
  if (!issue) return null;
  return issue.code === 'custom' ? issue.message : `From 1 to ${max.toLocaleString('en-US')} days.`;
}
