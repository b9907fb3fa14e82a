'use client';

import { NumberInput, Switch } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useForbidden } from '../console/access.tsx';
import { useTRPC } from '../trpc/client.ts';
import { useOrg } from '../ui/use-org.ts';
import classes from './save-form.module.css';
import { SaveForm } from './save-form.tsx';

const MOST_SAMPLES = 10_000;

type Captures = { isAllowed: boolean; maxSamples: number };

/** Whether devices may be asked to keep inputs of their models. */
export function CapturesForm({ stored }: { stored: Captures }) {
  const { org } = useOrg();
  const trpc = useTRPC();
  const client = useQueryClient();
  const forbidden = useForbidden('settings:write');
  const [isAllowed, setAllowed] = useState(stored.isAllowed);
  const [samples, setSamples] = useState<number | string>(stored.maxSamples);
  const isRight = Number.isInteger(samples) && Number(samples) >= 1 && Number(samples) <= MOST_SAMPLES;
  const isChanged = isAllowed !== stored.isAllowed || samples !== stored.maxSamples;
  const save = useMutation(
    trpc.commands.setCaptures.mutationOptions({
      onSuccess: () => client.invalidateQueries({ queryKey: trpc.commands.pathKey() }),
    }),
  );
  function reset() {
    setAllowed(stored.isAllowed);
    setSamples(stored.maxSamples);
  }
  return (
    <SaveForm
      title="Captures"
      sentence="Devices may be asked, one at a time, to keep inputs of their models with answers and labels, and to hand them up. Archives are deleted after seven days. Forbidden, a device that is capturing stops at once."
      canSave={isChanged && isRight}
      save={save}
      onSave={() => save.mutate({ org, isAllowed, maxSamples: Number(samples) })}
      onReset={isChanged ? reset : undefined}
    >
      <Switch
        label="Inputs may be captured"
        checked={isAllowed}
        disabled={forbidden !== null}
        onChange={(event) => setAllowed(event.currentTarget.checked)}
      />
      <div className={classes.three}>
        <NumberInput
          label="At most"
          description="samples of one capture"
          value={samples}
          onChange={setSamples}
          error={isRight ? null : `From 1 to ${MOST_SAMPLES.toLocaleString('en-US')} samples.`}
          disabled={!isAllowed}
          thousandSeparator=","
          allowDecimal={false}
          allowNegative={false}
          hideControls
        />
      </div>
    </SaveForm>
  );
}
