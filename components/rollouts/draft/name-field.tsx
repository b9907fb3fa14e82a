'use client';

import { TextInput } from '@mantine/core';
import { MAX_NAME } from '../limits.ts';
import classes from './fields.module.css';
import type { DraftState } from './use-draft.ts';

/** What the rollout is called in lists and messages. */
export function NameField({ draft: { name, names, setName } }: { draft: DraftState }) {
  const { model, version } = names;
  return (
    <TextInput
      className={classes.target ?? ''}
      label="Name"
      description="What it is called in the list of rollouts and in alerts. Empty means its model and version."
      placeholder={model && version ? `${model} ${version}` : 'Model and version'}
      value={name}
      onChange={(event) => setName(event.currentTarget.value)}
      maxLength={MAX_NAME}
      inputWrapperOrder={['label', 'description', 'input', 'error']}
      autoComplete="off"
    />
  );
}
