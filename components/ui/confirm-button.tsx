'use client';

import { Button, Popover, TextInput } from '@mantine/core';
import { type FormEvent, type ReactNode, useState } from 'react';
import classes from './confirm-button.module.css';
import { ForbiddenTooltip } from './forbidden-tooltip.tsx';

type ConfirmButtonProps = {
  /** The action, with its count if it touches more than one thing: "Roll back 27…". */
  label: ReactNode;
  /** What will happen, to how many, and what will not: the blast radius in words. */
  consequence: ReactNode;
  /** The button that does it, with verb and count: "Roll back 27 devices". */
  confirmLabel: string;
  /** For fleet-wide actions: what a person must type, usually the count or the name. */
  typed?: string;
  variant?: 'default' | 'danger' | 'quiet' | 'filled';
  /** Why the action is forbidden now, if it is. */
  forbidden?: string | null;
  leftSection?: ReactNode;
  onConfirm: () => Promise<unknown>;
};

/** An action that asks once, in place. It stays open and says so when the action fails. */
export function ConfirmButton(props: ConfirmButtonProps) {
  const { label, consequence, confirmLabel, typed, variant = 'default', forbidden, leftSection, onConfirm } = props;
  const [isOpen, setOpen] = useState(false);
  const [text, setText] = useState('');
  const [isBusy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);

  async function confirm(event: FormEvent) {
    event.preventDefault();
    setBusy(true);
    setFailure(null);
    try {
      await onConfirm();
      close();
    } catch (error) {
      setFailure(error instanceof Error ? error.message : 'It did not work. Try again.');
    } finally {
      setBusy(false);
    }
  }

  function close() {
    setOpen(false);
    setText('');
    setFailure(null);
  }

  return (
    <Popover
      opened={isOpen}
      onChange={(open) => !open && close()}
      position="bottom-end"
      width={320}
      trapFocus
      returnFocus
    >
      <ForbiddenTooltip reason={forbidden}>
        {(isDisabled) => (
          <Popover.Target>
            <Button variant={variant} disabled={isDisabled} leftSection={leftSection} onClick={() => setOpen(!isOpen)}>
              {label}
            </Button>
          </Popover.Target>
        )}
      </ForbiddenTooltip>
      <Popover.Dropdown>
        <form className={classes.ask} onSubmit={(event) => void confirm(event)}>
          <div className={classes.words}>{consequence}</div>
          {typed !== undefined && (
            <TextInput
              label={`Type ${typed} to confirm`}
              value={text}
              onChange={(event) => setText(event.currentTarget.value)}
              autoComplete="off"
            />
          )}
          {failure !== null && (
            <p className={classes.failure} role="alert">
              {failure}
            </p>
          )}
          <div className={classes.actions}>
            <Button variant="quiet" onClick={close}>
              Cancel
            </Button>
            <Button
              type="submit"
              variant={variant === 'danger' ? 'danger' : 'filled'}
              loading={isBusy}
              disabled={typed !== undefined && text.trim() !== typed}
            >
              {confirmLabel}
            </Button>
          </div>
        </form>
      </Popover.Dropdown>
    </Popover>
  );
}
