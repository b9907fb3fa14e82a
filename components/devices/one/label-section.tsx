'use client';

import { Button } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useForbidden } from '../../console/access.tsx';
import { useTRPC } from '../../trpc/client.ts';
import { Labels } from '../../ui/facts.tsx';
import { ForbiddenTooltip } from '../../ui/forbidden-tooltip.tsx';
import { LabelInput } from '../../ui/label-input.tsx';
import { problemOf } from '../../ui/problem.ts';
import { Section } from '../../ui/section.tsx';
import { useOrg } from '../../ui/use-org.ts';
import { readLabels, writeLabels } from '../label-text.ts';
import classes from './label-section.module.css';

type LabelSectionProps = { deviceId: string; labels: Readonly<Record<string, string>>; isGone: boolean };

/** A device's labels, edited in their place. */
export function LabelSection({ deviceId, labels, isGone }: LabelSectionProps) {
  const forbidden = useForbidden('devices:write');
  const [isEditing, setEditing] = useState(false);
  const isEmpty = Object.keys(labels).length === 0;
  return (
    <Section
      isNested
      title="Labels"
      end={
        !isEditing && (
          <ForbiddenTooltip reason={isGone ? 'This device was decommissioned.' : forbidden}>
            {(isDisabled) => (
              <Button variant="quiet" disabled={isDisabled} onClick={() => setEditing(true)}>
                Edit
              </Button>
            )}
          </ForbiddenTooltip>
        )
      }
    >
      {isEditing ? (
        <LabelForm deviceId={deviceId} labels={labels} onDone={() => setEditing(false)} />
      ) : isEmpty ? (
        <p className={classes.none}>None. Rollouts choose devices by labels such as site=oslo.</p>
      ) : (
        <Labels labels={labels} />
      )}
    </Section>
  );
}

type LabelFormProps = Omit<LabelSectionProps, 'isGone'> & { onDone: () => void };

function LabelForm({ deviceId, labels, onDone }: LabelFormProps) {
  const { org } = useOrg();
  const trpc = useTRPC();
  const client = useQueryClient();
  const [texts, setTexts] = useState(() => writeLabels(labels));
  const read = readLabels(texts);
  const update = useMutation(
    trpc.devices.update.mutationOptions({
      onSuccess: async () => {
        await client.invalidateQueries(trpc.devices.page.queryFilter({ org, deviceId }));
        onDone();
      },
    }),
  );

  function submit(event: FormEvent) {
    event.preventDefault();
    if ('labels' in read) update.mutate({ org, deviceId, labels: read.labels });
  }

  const failure = 'wrong' in read ? read.wrong : update.error ? problemOf(update.error).sentence : null;
  return (
    <form
      className={classes.form}
      onSubmit={submit}
      onKeyDown={(event) => event.key === 'Escape' && !event.defaultPrevented && onDone()}
    >
      <LabelInput
        aria-label="Labels"
        description="key=value, then Enter"
        value={texts}
        onChange={setTexts}
        autoFocus
        error={failure}
      />
      <div className={classes.actions}>
        <Button type="submit" loading={update.isPending} disabled={'wrong' in read}>
          Save labels
        </Button>
        <Button variant="quiet" onClick={onDone}>
          Cancel
        </Button>
      </div>
    </form>
  );
}
