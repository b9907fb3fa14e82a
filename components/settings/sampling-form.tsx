'use client';

import { NumberInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { MonitoringSettings } from '@/server/db/predictions.ts';
import { useTRPC } from '../trpc/client.ts';
import { useOrg } from '../ui/use-org.ts';
import classes from './save-form.module.css';
import { SaveForm } from './save-form.tsx';

type Typed = { share: number | string; unsure: number | string; most: number | string };

/** Confidence is counted in twentieths, and so is what counts as low. */
const STEP_PERCENT = 5;

/** Which answers devices report one by one, so that labels that come later find them. */
export function SamplingForm({ stored }: { stored: MonitoringSettings }) {
  const { org } = useOrg();
  const trpc = useTRPC();
  const client = useQueryClient();
  const [typed, setTyped] = useState<Partial<Typed>>({});
  const before: Typed = {
    share: percentOf(stored.predictionShare),
    unsure: stored.unsureBelow === null ? '' : percentOf(stored.unsureBelow),
    most: stored.maxPerWindow,
  };
  const values = { ...before, ...typed };
  const problems = {
    share: within(values.share, 0, 100) ? null : 'From 0 to 100 %.',
    unsure:
      values.unsure === '' || (within(values.unsure, 0, 100) && Number(values.unsure) % STEP_PERCENT === 0)
        ? null
        : `From 0 to 100 %, in steps of ${STEP_PERCENT} %, or empty.`,
    most: within(values.most, 1, 64) && Number.isInteger(Number(values.most)) ? null : 'From 1 to 64 answers.',
  };
  const isChanged = (['share', 'unsure', 'most'] as const).some((key) => values[key] !== before[key]);
  const save = useMutation(
    trpc.monitoring.change.mutationOptions({
      onSuccess: async () => {
        await client.invalidateQueries({ queryKey: trpc.monitoring.settings.queryKey({ org }) });
        setTyped({});
      },
    }),
  );
  const field = (key: keyof Typed) => ({
    value: values[key],
    onChange: (value: number | string) => setTyped((now) => ({ ...now, [key]: value })),
    error: problems[key],
    hideControls: true,
    allowNegative: false,
  });
  return (
    <SaveForm
      title="Answers that are reported"
      sentence="One by one, by inference id: what the model answered and how sure it was, never its inputs. Accuracy weighs the unsure ones by how many there are."
      canSave={isChanged && Object.values(problems).every((problem) => problem === null)}
      save={save}
      onSave={() =>
        save.mutate({
          org,
          predictionShare: Number(values.share) / 100,
          unsureBelow: values.unsure === '' ? null : Number(values.unsure) / 100,
          maxPerWindow: Number(values.most),
        })
      }
      onReset={isChanged ? () => setTyped({}) : undefined}
    >
      <div className={classes.three}>
        <NumberInput
          label="By chance"
          description="share of all answers"
          suffix=" %"
          decimalScale={2}
          {...field('share')}
        />
        <NumberInput
          label="Unsure below"
          description="confidence; empty: none"
          placeholder="none"
          suffix=" %"
          allowDecimal={false}
          {...field('unsure')}
        />
        <NumberInput label="At most" description="in one telemetry window" allowDecimal={false} {...field('most')} />
      </div>
    </SaveForm>
  );
}

function within(value: number | string, least: number, most: number): boolean {
  return value !== '' && Number(value) >= least && Number(value) <= most;
}

/** Whole hundredths of a percent: 0.01 is 1, not 1.0000000000000002. */
function percentOf(share: number): number {
  return Math.round(share * 10_000) / 100;
}
