'use client';

import { Button, Popover, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTRPC } from '../../trpc/client.ts';
import { ForbiddenTooltip } from '../../ui/forbidden-tooltip.tsx';
import { problemOf } from '../../ui/problem.ts';
import { useOrg } from '../../ui/use-org.ts';
import classes from './label-section.module.css';

type RenameButtonProps = { deviceId: string; name: string; forbidden: string | null };

/** Gives a device another name, in place. */
export function RenameButton({ deviceId, name, forbidden }: RenameButtonProps) {
  const [isOpen, setOpen] = useState(false);
  return (
    <Popover opened={isOpen} onChange={setOpen} position="bottom-end" width={300} trapFocus returnFocus>
      <ForbiddenTooltip reason={forbidden}>
        {(isDisabled) => (
          <Popover.Target>
            <Button disabled={isDisabled} onClick={() => setOpen(!isOpen)}>
              Rename…
            </Button>
          </Popover.Target>
        )}
      </ForbiddenTooltip>
      <Popover.Dropdown>
        <RenameForm deviceId={deviceId} name={name} onDone={() => setOpen(false)} />
      </Popover.Dropdown>
    </Popover>
  );
}

function RenameForm({ deviceId, name, onDone }: Omit<RenameButtonProps, 'forbidden'> & { onDone: () => void }) {
  const { org } = useOrg();
  const trpc = useTRPC();
  const client = useQueryClient();
  const [text, setText] = useState(name);
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
    update.mutate({ org, deviceId, name: text.trim() });
  }

  return (
    <form className={classes.ask} onSubmit={submit}>
      <TextInput
        label="Name"
        description="Unique here. Rollouts choose by labels, not by names."
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        maxLength={63}
        required
        data-autofocus
        error={update.error && problemOf(update.error).sentence}
      />
      <div className={classes.actions}>
        <Button type="submit" loading={update.isPending} disabled={text.trim() === '' || text.trim() === name}>
          Rename
        </Button>
        <Button variant="quiet" onClick={onDone}>
          Cancel
        </Button>
      </div>
    </form>
  );
}
