'use client';

import { Button, Menu, Popover, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import Link from 'next/link';
import { type FormEvent, useState } from 'react';
import { useForbidden } from '../../console/access.tsx';
import { useTRPC } from '../../trpc/client.ts';
import { Failure } from '../../ui/failure.tsx';
import { ForbiddenTooltip } from '../../ui/forbidden-tooltip.tsx';
import { Icon } from '../../ui/icon.tsx';
import { useOrg } from '../../ui/use-org.ts';
import { toPlan } from './plan-draft.ts';
import { hasProblems } from './problems.ts';
import classes from './templates.module.css';
import type { DraftState } from './use-draft.ts';

/** Above the plan: start from a kept one, or keep this one under a name. */
export function Templates({ draft }: { draft: DraftState }) {
  const { at } = useOrg();
  const { templates } = draft;
  return (
    <div className={classes.line}>
      <h2 className={classes.title}>Plan</h2>
      <p className={classes.note}>
        {draft.template
          ? `From the template “${draft.template.name}”.`
          : 'Safe for most; open what you want otherwise.'}
      </p>
      <div className={classes.actions}>
        {templates.length > 0 && (
          <Menu position="bottom-end">
            <Menu.Target>
              <Button rightSection={<Icon name="down" size={14} />}>Use a template</Button>
            </Menu.Target>
            <Menu.Dropdown className={classes.menu ?? ''}>
              {templates.map((template) => (
                <Menu.Item key={template.id} onClick={() => draft.applyTemplate(template)}>
                  {template.name}
                </Menu.Item>
              ))}
              <Menu.Divider />
              <Menu.Item onClick={() => draft.applyTemplate(null)}>The defaults</Menu.Item>
              <Menu.Item component={Link} href={at.planTemplates()}>
                Manage templates
              </Menu.Item>
            </Menu.Dropdown>
          </Menu>
        )}
        <SaveTemplate draft={draft} taken={templates.map(({ name }) => name)} />
      </div>
    </div>
  );
}

function SaveTemplate({ draft, taken }: { draft: DraftState; taken: readonly string[] }) {
  const { org } = useOrg();
  const trpc = useTRPC();
  const client = useQueryClient();
  const forbidden = useForbidden('rollouts:write');
  const [isOpen, setOpen] = useState(false);
  const [name, setName] = useState('');
  const save = useMutation(
    trpc.rollouts.saveTemplate.mutationOptions({
      onSuccess: () => {
        setOpen(false);
        notifications.show({ title: 'Template saved', message: `“${name.trim()}” can be chosen for any rollout.` });
        return client.invalidateQueries({ queryKey: trpc.rollouts.templates.queryKey({ org }) });
      },
    }),
  );
  const reason = forbidden ?? (hasProblems(draft.problems) ? 'Put the marked fields right first.' : null);
  const isTaken = taken.includes(name.trim());

  function submit(event: FormEvent) {
    event.preventDefault();
    if (name.trim() === '') return;
    save.mutate({ org, name, plan: toPlan({ ...draft.plan, startsAt: '', endsAt: '' }) });
  }

  return (
    <Popover opened={isOpen} onChange={setOpen} position="bottom-end" width={300} trapFocus returnFocus>
      <ForbiddenTooltip reason={reason}>
        {(isDisabled) => (
          <Popover.Target>
            <Button disabled={isDisabled} onClick={() => setOpen(!isOpen)}>
              Save as template…
            </Button>
          </Popover.Target>
        )}
      </ForbiddenTooltip>
      <Popover.Dropdown>
        <form className={classes.form} onSubmit={submit}>
          <TextInput
            label="Name of the template"
            placeholder="Careful, at night"
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            maxLength={80}
            autoComplete="off"
            data-autofocus
          />
          <p className={classes.words}>
            {isTaken
              ? 'There is one by this name. It gives way to this one.'
              : 'Keeps the devices and the plan, without start and end.'}
          </p>
          <Failure of={save.error} />
          <div className={classes.formActions}>
            <Button variant="quiet" onClick={() => setOpen(false)}>
              Cancel
            </Button>
            <Button type="submit" variant="filled" loading={save.isPending} disabled={name.trim() === ''}>
              {isTaken ? 'Replace it' : 'Save'}
            </Button>
          </div>
        </form>
      </Popover.Dropdown>
    </Popover>
  );
}
