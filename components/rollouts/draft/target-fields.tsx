'use client';

import { TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useTRPC } from '../../trpc/client.ts';
import { plural } from '../../ui/format.ts';
import { useOrg } from '../../ui/use-org.ts';
import classes from './fields.module.css';
import type { DraftState } from './use-draft.ts';

const TYPING_MS = 400;

/** Which devices, as a label selector; says at once how many that are. */
export function TargetFields({ draft }: { draft: DraftState }) {
  const { org } = useOrg();
  const trpc = useTRPC();
  const { plan, problems, changePlan } = draft;
  const [settled] = useDebouncedValue(plan.selector, TYPING_MS);
  const isAsked = problems.plan.selector === undefined;
  const matching = useQuery(
    trpc.devices.table.queryOptions(
      { org, limit: 1, ...(settled && { selector: settled }) },
      { enabled: isAsked && settled === plan.selector, placeholderData: keepPreviousData },
    ),
  );
  const total = isAsked ? matching.data?.total : undefined;
  return (
    <TextInput
      className={classes.target ?? ''}
      label="Devices"
      description={
        <>
          Labels, such as <code>site=oslo,stage in (canary,prod),!retired</code>; facts too:{' '}
          <code>facts.arch=arm64</code>. Empty means every device.
        </>
      }
      placeholder="Every device"
      value={plan.selector}
      onChange={(event) => changePlan({ selector: event.currentTarget.value })}
      error={problems.plan.selector ?? (total === 0 ? nobody(plan.selector) : null)}
      rightSection={total === undefined ? null : plural(total, 'device')}
      rightSectionWidth={110}
      inputWrapperOrder={['label', 'description', 'input', 'error']}
      autoComplete="off"
      spellCheck={false}
    />
  );
}

function nobody(selector: string): string {
  return selector === '' ? 'There is no device yet. Enroll one first.' : 'No device has these labels.';
}
