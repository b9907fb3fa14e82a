'use client';

import { DEFAULT_STABLE_S } from '@flotilla/protocol';
import { NumberInput, Select, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import type { UpgradePlan } from '@/server/services/agents/start-upgrade.ts';
import { WatchTime } from '../../agents/watch-time.tsx';
import { useTRPC } from '../../trpc/client.ts';
import { FormActions } from '../../ui/form-actions.tsx';
import { FormSection } from '../../ui/form-section.tsx';
import { formatCount, formatDuration, plural } from '../../ui/format.ts';
import { problemOf } from '../../ui/problem.ts';
import { useOrg } from '../../ui/use-org.ts';
import classes from './upgrade-form.module.css';

/** How long a selector rests before its devices are counted. */
const COUNT_AFTER_MS = 300;
const DEFAULT_FIRST = 1;
const MAX_FIRST = 100;

/** Which devices, to which version, how many first; with the count of what it will do before it is done. */
export function UpgradeForm({ versions, onDone }: { versions: readonly string[]; onDone: () => void }) {
  const { org } = useOrg();
  const trpc = useTRPC();
  const client = useQueryClient();
  const [version, setVersion] = useState(versions[0] ?? '');
  const [selector, setSelector] = useState('');
  const [firstDevices, setFirst] = useState(DEFAULT_FIRST);
  const [stableS, setStable] = useState(DEFAULT_STABLE_S);
  const [asked] = useDebouncedValue(selector.trim(), COUNT_AFTER_MS);
  const plan = useQuery(trpc.agents.plan.queryOptions({ org, version, selector: asked }, { retry: false }));
  const start = useMutation(
    trpc.agents.start.mutationOptions({
      onSuccess: async () => {
        await client.invalidateQueries(trpc.agents.pathFilter());
        onDone();
      },
    }),
  );
  const isCounted = plan.data !== undefined && asked === selector.trim();

  function submit(event: FormEvent) {
    event.preventDefault();
    start.mutate({ org, version, selector: selector.trim(), firstDevices, stableS });
  }

  return (
    <FormSection title="Upgrade agents" onClose={onDone}>
      <form className={classes.form} onSubmit={submit}>
        <Select
          label="Version"
          data={[...versions]}
          value={version}
          allowDeselect={false}
          onChange={(value) => setVersion(value ?? version)}
        />
        <TextInput
          label="Devices"
          placeholder="all, or site=oslo,stage=canary"
          value={selector}
          onChange={(event) => setSelector(event.currentTarget.value)}
          error={plan.error ? problemOf(plan.error).sentence : undefined}
          autoComplete="off"
          spellCheck={false}
        />
        <NumberInput
          label="Devices that go first"
          defaultValue={firstDevices}
          placeholder={String(DEFAULT_FIRST)}
          min={1}
          max={MAX_FIRST}
          allowDecimal={false}
          clampBehavior="strict"
          onChange={(value) => setFirst(typeof value === 'number' ? value : DEFAULT_FIRST)}
        />
        <WatchTime stableS={stableS} onChange={setStable} />
        <p className={classes.way}>
          The first devices are told at once, the others when these have served with it for{' '}
          {formatDuration(stableS * 1000)} without trouble. One that goes back stops it. A device answers no requests
          for one to two seconds while it changes over.
        </p>
        <FormActions
          label={isCounted ? `Upgrade ${plural(plan.data.willUpgrade, 'device')}` : 'Upgrade'}
          action={start}
          isDisabled={!isCounted || plan.data.willUpgrade === 0}
        >
          <span role="status">{isCounted && planSentence(plan.data)}</span>
        </FormActions>
      </form>
    </FormSection>
  );
}

/** What an upgrade will do, and to whom it will not. */
function planSentence({ matching, already, unable, willUpgrade, reachable }: UpgradePlan): string {
  if (matching === 0) return 'No device is selected.';
  const parts = [
    willUpgrade === 0
      ? `None of ${plural(matching, 'device')} will be upgraded.`
      : `${formatCount(willUpgrade)} of ${plural(matching, 'device')} will be upgraded, ${formatCount(reachable)} of them connected now.`,
    already > 0 && `${already} ${already === 1 ? 'runs' : 'run'} it already.`,
    unable > 0 &&
      `${unable} cannot upgrade ${unable === 1 ? 'itself: run the install command on it' : 'themselves: run the install command on them'} once.`,
  ];
  return parts.filter(Boolean).join(' ');
}
