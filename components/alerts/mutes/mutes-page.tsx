'use client';

import { Button } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { parseAsBoolean, useQueryState } from 'nuqs';
import { durationText } from '@/server/domain/alerts/words.ts';
import type { MuteView } from '@/server/services/alerts/save-mute.ts';
import { useForbidden } from '../../console/access.tsx';
import { Page } from '../../shell/page.tsx';
import { ToneWord } from '../../status/status.tsx';
import type { Column } from '../../table/columns.tsx';
import { CompactRow } from '../../table/compact-list.tsx';
import { DataTable } from '../../table/data-table.tsx';
import { useTRPC } from '../../trpc/client.ts';
import { ConfirmButton } from '../../ui/confirm-button.tsx';
import { plural } from '../../ui/format.ts';
import { Icon } from '../../ui/icon.tsx';
import { PageHead } from '../../ui/page-head.tsx';
import { QueryView } from '../../ui/query-view.tsx';
import { Section } from '../../ui/section.tsx';
import { SkeletonRows } from '../../ui/skeleton.tsx';
import { EmptyState } from '../../ui/states.tsx';
import { Clock } from '../../ui/time.tsx';
import { useOrg } from '../../ui/use-org.ts';
import { AlertNav } from '../alert-nav.tsx';
import { MuteForm } from './mute-form.tsx';
import classes from './mutes-page.module.css';

const columns: Column<MuteView>[] = [
  { id: 'name', title: 'Mute', isTitle: true, render: ({ name }) => name },
  { id: 'state', title: 'Now', render: (mute) => <State mute={mute} /> },
  { id: 'when', title: 'When', render: (mute) => <When mute={mute} /> },
  { id: 'what', title: 'Silences', render: (mute) => <span className={classes.dim}>{whatWords(mute)}</span> },
  {
    id: 'remove',
    title: <span className={classes.said}>Action</span>,
    align: 'right',
    render: (mute) => <Remove mute={mute} />,
  },
];

/** Times in which alerts fire and are shown, but nobody is told. */
export function MutesPage() {
  const { org, at } = useOrg();
  const trpc = useTRPC();
  const query = useQuery(trpc.alerts.mutes.queryOptions({ org }));
  const [isAsked, setAsked] = useQueryState('new', parseAsBoolean.withDefault(false));
  const on = query.data?.filter(({ state }) => state.isOn).length;
  return (
    <Page crumbs={[{ label: 'Alerts', href: at.alerts() }, { label: 'Mutes' }]}>
      <PageHead
        title={
          on === undefined
            ? 'Mutes'
            : on === 0
              ? 'Nothing is muted now'
              : `${plural(on, 'mute')} ${on === 1 ? 'holds' : 'hold'} now`
        }
        sentence="Muted alerts fire and are shown here, but nobody is told. What still fires when a mute ends is told then."
        actions={
          isAsked ? undefined : (
            <Button variant="filled" leftSection={<Icon name="plus" />} onClick={() => void setAsked(true)}>
              New mute
            </Button>
          )
        }
      />
      <AlertNav />
      {isAsked && <MuteForm onDone={() => void setAsked(null)} />}
      <QueryView query={query} what="The mutes" skeleton={<SkeletonRows rows={3} columns={5} />}>
        {(mutes) => (
          <Section title="Mutes" sentence="newest first">
            <DataTable
              noun="mutes"
              columns={columns}
              rows={mutes}
              rowId={({ id }) => id}
              rowName={({ name }) => name}
              renderCompact={(mute) => (
                <CompactRow title={mute.name} end={<State mute={mute} />}>
                  <When mute={mute} />
                  <span className={classes.dim}>{whatWords(mute)}</span>
                  <Remove mute={mute} />
                </CompactRow>
              )}
              state={{
                empty: (
                  <EmptyState title="No mutes">
                    Mute the alerts of a site while people work there, or every night while machines are cleaned.
                  </EmptyState>
                ),
              }}
            />
          </Section>
        )}
      </QueryView>
    </Page>
  );
}

function State({ mute: { state } }: { mute: MuteView }) {
  if (state.isOn)
    return (
      <ToneWord glyph="struck-ring" tone="unknown">
        Holds until <Clock at={state.until} style="minute" />
      </ToneWord>
    );
  if (state.nextAt === null) return <span className={classes.dim}>over</span>;
  return (
    <ToneWord glyph="clock" tone="quiet">
      From <Clock at={state.nextAt} style="datetime" />
    </ToneWord>
  );
}

function When({ mute: { schedule } }: { mute: MuteView }) {
  if (schedule.kind === 'once')
    return (
      <span className={classes.dim}>
        <Clock at={schedule.from} style="datetime" /> to <Clock at={schedule.to} style="datetime" />
      </span>
    );
  const { cron, timeZone, minutes } = schedule.window;
  return (
    <span className={classes.dim}>
      <code>{cron}</code> {timeZone}, for {durationText(minutes * 60)}
    </span>
  );
}

function whatWords({ ruleIds, selector }: MuteView): string {
  const rules = ruleIds === null ? 'every rule' : plural(ruleIds.length, 'rule');
  return selector === '' ? rules : `${rules}, devices with ${selector}`;
}

function Remove({ mute: { id, name, state } }: { mute: MuteView }) {
  const { org } = useOrg();
  const trpc = useTRPC();
  const client = useQueryClient();
  const forbidden = useForbidden('alerts:write');
  const remove = useMutation(
    trpc.alerts.removeMute.mutationOptions({
      onSuccess: () => client.invalidateQueries({ queryKey: trpc.alerts.pathKey() }),
    }),
  );
  return (
    <ConfirmButton
      variant="danger"
      label="Remove…"
      consequence={
        state.isOn
          ? `${name} ends now: what fires and was not told is told within half a minute.`
          : `${name} is forgotten.`
      }
      confirmLabel="Remove the mute"
      forbidden={forbidden}
      onConfirm={() => remove.mutateAsync({ org, muteId: id })}
    />
  );
}
