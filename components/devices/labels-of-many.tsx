'use client';

import { Button, Modal, MultiSelect } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import type { DeviceTableRow } from '@/server/queries/device-table.ts';
import { useForbidden } from '../console/access.tsx';
import { useTRPC } from '../trpc/client.ts';
import { ForbiddenTooltip } from '../ui/forbidden-tooltip.tsx';
import { plural } from '../ui/format.ts';
import { LabelInput } from '../ui/label-input.tsx';
import { useOrg } from '../ui/use-org.ts';
import { readLabels } from './label-text.ts';
import classes from './labels-of-many.module.css';

type LabelsOfManyProps = { devices: readonly DeviceTableRow[]; onDone: () => void };

/** Adds and removes labels on the selected devices, one after the other; a failure says which device it was. */
export function LabelsOfMany({ devices, onDone }: LabelsOfManyProps) {
  const forbidden = useForbidden('devices:write');
  const [isOpen, modal] = useDisclosure(false);
  return (
    <>
      <ForbiddenTooltip reason={forbidden}>
        {(isDisabled) => (
          <Button variant="quiet" disabled={isDisabled} onClick={modal.open}>
            Edit labels…
          </Button>
        )}
      </ForbiddenTooltip>
      <Modal opened={isOpen} onClose={modal.close} title={`Labels of ${plural(devices.length, 'device')}`} size={460}>
        <LabelsForm devices={devices} onDone={onDone} />
      </Modal>
    </>
  );
}

function LabelsForm({ devices, onDone }: LabelsOfManyProps) {
  const { org } = useOrg();
  const trpc = useTRPC();
  const update = useMutation(trpc.devices.update.mutationOptions());
  const [added, setAdded] = useState<string[]>([]);
  const [removed, setRemoved] = useState<string[]>([]);
  const [done, setDone] = useState<number | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  const read = readLabels(added);
  const wrong = 'wrong' in read ? read.wrong : null;
  const keys = [...new Set(devices.flatMap(({ labels }) => Object.keys(labels)))].sort();

  async function submit(event: FormEvent) {
    event.preventDefault();
    if ('wrong' in read) return;
    setFailure(null);
    let finished = 0;
    for (const { id, name, labels } of devices) {
      setDone(finished);
      const kept = Object.entries(labels).filter(([key]) => !removed.includes(key));
      try {
        await update.mutateAsync({ org, deviceId: id, labels: { ...Object.fromEntries(kept), ...read.labels } });
      } catch (error) {
        const why = error instanceof Error ? error.message : 'Try again.';
        setFailure(`${name}: ${why} ${plural(finished, 'device')} before it ${finished === 1 ? 'is' : 'are'} changed.`);
        setDone(null);
        return;
      }
      finished += 1;
    }
    onDone();
  }

  const isIdle = added.length === 0 && removed.length === 0;
  return (
    <form className={classes.form} onSubmit={(event) => void submit(event)}>
      <LabelInput
        label="Add or change"
        description="key=value, then Enter. Selectors and rollouts choose devices by their labels."
        value={added}
        onChange={setAdded}
        error={wrong}
        data-autofocus
      />
      <MultiSelect
        label="Remove"
        placeholder={keys.length > 0 ? 'Keys to remove' : 'They have no labels'}
        data={keys}
        value={removed}
        onChange={setRemoved}
        disabled={keys.length === 0}
        searchable
      />
      {failure !== null && (
        <p className={classes.failure} role="alert">
          {failure}
        </p>
      )}
      <div className={classes.actions}>
        <Button type="submit" variant="filled" disabled={isIdle || wrong !== null} loading={done !== null}>
          Change {plural(devices.length, 'device')}
        </Button>
      </div>
    </form>
  );
}
