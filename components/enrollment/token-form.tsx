'use client';

import { NumberInput, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useForbidden } from '../console/access.tsx';
import { readLabels } from '../devices/label-text.ts';
import { useTRPC } from '../trpc/client.ts';
import { Choice } from '../ui/choice.tsx';
import { FormActions } from '../ui/form-actions.tsx';
import { FormSection } from '../ui/form-section.tsx';
import { plural } from '../ui/format.ts';
import { useOrg } from '../ui/use-org.ts';
import type { NewToken } from './new-token-panel.tsx';
import classes from './token-form.module.css';

const HOUR_S = 3600;

const EXPIRIES = [
  { value: String(HOUR_S), label: '1 hour' },
  { value: String(24 * HOUR_S), label: '1 day' },
  { value: String(7 * 24 * HOUR_S), label: '7 days' },
  { value: String(30 * 24 * HOUR_S), label: '30 days' },
];

const MAX_USES = 100_000;

type TokenFormProps = {
  onMade: (made: NewToken) => void;
  /** Without it the form is the page's first use and stays. */
  onClose: (() => void) | undefined;
};

/** Makes a token: for how many devices, with which labels, for how long. */
export function TokenForm({ onMade, onClose }: TokenFormProps) {
  const { org } = useOrg();
  const trpc = useTRPC();
  const client = useQueryClient();
  const forbidden = useForbidden('enrollment:write');
  const [name, setName] = useState('');
  const [labelText, setLabelText] = useState('');
  const [maxUses, setMaxUses] = useState<number | string>(1);
  const [expiresInS, setExpiresInS] = useState(String(24 * HOUR_S));
  const [isAsked, setAsked] = useState(false);
  const create = useMutation(
    trpc.enrollment.createToken.mutationOptions({
      onSuccess: async (made) => {
        await client.invalidateQueries({ queryKey: trpc.enrollment.pathKey() });
        onMade(made);
      },
    }),
  );
  const read = readLabels(labelText.split(/[\s,]+/).filter(Boolean));
  const labels = 'labels' in read ? read.labels : null;
  const problem = 'wrong' in read ? read.wrong : null;
  const uses = typeof maxUses === 'number' && Number.isInteger(maxUses) && maxUses >= 1 ? maxUses : null;

  function submit(event: FormEvent) {
    event.preventDefault();
    setAsked(true);
    if (name.trim() === '' || labels === null || uses === null) return;
    create.mutate({ org, name, labels, maxUses: uses, expiresInS: Number(expiresInS) });
  }

  return (
    <FormSection
      title="New token"
      sentence="Its labels are given to every device that joins with it."
      onClose={onClose}
    >
      <form className={classes.form} onSubmit={submit}>
        <TextInput
          label="Name"
          placeholder="Oslo, first batch"
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          error={isAsked && name.trim() === '' ? 'A token needs a name.' : null}
          maxLength={100}
          autoComplete="off"
          data-autofocus
        />
        <TextInput
          label="Labels"
          placeholder="site=oslo, stage=prod"
          value={labelText}
          onChange={(event) => setLabelText(event.currentTarget.value)}
          error={isAsked || labelText.endsWith(' ') ? problem : null}
          autoComplete="off"
          spellCheck={false}
        />
        <NumberInput
          label="Devices that may join"
          value={maxUses}
          onChange={setMaxUses}
          min={1}
          max={MAX_USES}
          allowDecimal={false}
          allowNegative={false}
          hideControls
          error={isAsked && uses === null ? 'At least one.' : null}
        />
        <Choice label="Expires in" options={EXPIRIES} value={expiresInS} onChange={setExpiresInS} />
        <FormActions
          label={uses === null ? 'Make the token' : `Make a token for ${plural(uses, 'device')}`}
          action={create}
          forbidden={forbidden}
        />
      </form>
    </FormSection>
  );
}
