'use client';

import { Button, Popover, Textarea } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import type { AlertRow } from '@/server/queries/alerts.ts';
import { useForbidden } from '../../console/access.tsx';
import { useTRPC } from '../../trpc/client.ts';
import { Failure } from '../../ui/failure.tsx';
import { ForbiddenTooltip } from '../../ui/forbidden-tooltip.tsx';
import { useOrg } from '../../ui/use-org.ts';
import classes from './alert-actions.module.css';

/** Taking an alert on, and saying that it is over: each with a note. */
export function AlertActions({ alert }: { alert: AlertRow }) {
  const { org } = useOrg();
  const trpc = useTRPC();
  const client = useQueryClient();
  const onSuccess = () => client.invalidateQueries({ queryKey: trpc.alerts.pathKey() });
  const acknowledge = useMutation(trpc.alerts.acknowledge.mutationOptions({ onSuccess }));
  const resolve = useMutation(trpc.alerts.resolve.mutationOptions({ onSuccess }));
  const isTaken = alert.state === 'acknowledged';
  return (
    <>
      <WithNote
        label={isTaken ? 'Add a note' : 'Acknowledge'}
        isFilled={!isTaken}
        help={
          isTaken
            ? 'It goes into the timeline.'
            : 'You are on it: its growth is told no more, and the channels hear your name and note.'
        }
        needsNote={isTaken}
        onDone={(note) => acknowledge.mutateAsync({ org, alertId: alert.id, note })}
      />
      <WithNote
        label="Resolve"
        help="What is still bad stays quiet until it has been good once, and fires again after that."
        onDone={(note) => resolve.mutateAsync({ org, alertId: alert.id, note })}
      />
    </>
  );
}

type WithNoteProps = {
  label: string;
  help: string;
  isFilled?: boolean;
  needsNote?: boolean;
  onDone: (note: string) => Promise<unknown>;
};

function WithNote({ label, help, isFilled, needsNote, onDone }: WithNoteProps) {
  const forbidden = useForbidden('alerts:write');
  const [isOpen, setOpen] = useState(false);
  const [note, setNote] = useState('');
  const act = useMutation({
    mutationFn: () => onDone(note),
    onSuccess: () => {
      setOpen(false);
      setNote('');
    },
  });
  function submit(event: FormEvent) {
    event.preventDefault();
    if (!needsNote || note.trim() !== '') act.mutate();
  }
  return (
    <Popover opened={isOpen} onChange={setOpen} position="bottom-end" width={320} trapFocus returnFocus>
      <ForbiddenTooltip reason={forbidden}>
        {(isDisabled) => (
          <Popover.Target>
            <Button variant={isFilled ? 'filled' : 'default'} disabled={isDisabled} onClick={() => setOpen(!isOpen)}>
              {label}
            </Button>
          </Popover.Target>
        )}
      </ForbiddenTooltip>
      <Popover.Dropdown>
        <form className={classes.form} onSubmit={submit}>
          <p>{help}</p>
          <Textarea
            label="Note"
            placeholder="What you know, what you do"
            value={note}
            onChange={(event) => setNote(event.currentTarget.value)}
            maxLength={1000}
            rows={3}
            data-autofocus
          />
          <Failure of={act.error} />
          <div className={classes.actions}>
            <Button variant="quiet" onClick={() => setOpen(false)}>
              Cancel
            </Button>
            <Button
              type="submit"
              variant="filled"
              loading={act.isPending}
              disabled={needsNote === true && note.trim() === ''}
            >
              {needsNote ? 'Add it' : `${label} it`}
            </Button>
          </div>
        </form>
      </Popover.Dropdown>
    </Popover>
  );
}
