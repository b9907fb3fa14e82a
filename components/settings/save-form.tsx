'use client';

import { Button } from '@mantine/core';
import type { FormEvent, ReactNode } from 'react';
import { useForbidden } from '../console/access.tsx';
import { ForbiddenTooltip } from '../ui/forbidden-tooltip.tsx';
import { problemOf } from '../ui/problem.ts';
import { Section } from '../ui/section.tsx';
import classes from './save-form.module.css';

type SaveFormProps = {
  title: string;
  sentence: string;
  /** Something differs from what is stored, and can be. */
  canSave: boolean;
  save: { isPending: boolean; isSuccess: boolean; error: unknown };
  onSave: () => void;
  /** Back to what is stored; given while something differs. */
  onReset: (() => void) | undefined;
  children: ReactNode;
};

/** One setting: its fields, and a button that says when it was taken. */
export function SaveForm({ title, sentence, canSave, save, onSave, onReset, children }: SaveFormProps) {
  const forbidden = useForbidden('settings:write');
  function submit(event: FormEvent) {
    event.preventDefault();
    if (canSave) onSave();
  }
  return (
    <Section title={title}>
      <p className={classes.sentence}>{sentence}</p>
      <form className={classes.form} onSubmit={submit}>
        {children}
        <div className={classes.actions}>
          <ForbiddenTooltip reason={forbidden}>
            {(isDisabled) => (
              <Button type="submit" disabled={isDisabled || !canSave} loading={save.isPending}>
                Save
              </Button>
            )}
          </ForbiddenTooltip>
          {onReset && (
            <Button variant="quiet" onClick={onReset}>
              Undo
            </Button>
          )}
          <p className={classes.answer} role="status" data-failed={Boolean(save.error)}>
            {save.error ? problemOf(save.error).sentence : save.isSuccess && !onReset ? 'Saved.' : ''}
          </p>
        </div>
      </form>
    </Section>
  );
}
