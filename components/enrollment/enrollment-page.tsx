'use client';

import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { parseAsBoolean, useQueryState } from 'nuqs';
import { useState } from 'react';
import { Page } from '../shell/page.tsx';
import { useTRPC } from '../trpc/client.ts';
import { plural } from '../ui/format.ts';
import { Icon } from '../ui/icon.tsx';
import { PageHead } from '../ui/page-head.tsx';
import { QueryView } from '../ui/query-view.tsx';
import { SkeletonRows } from '../ui/skeleton.tsx';
import { useOrg } from '../ui/use-org.ts';
import { type NewToken, NewTokenPanel } from './new-token-panel.tsx';
import { TokenForm } from './token-form.tsx';
import { TokenTable } from './token-table.tsx';

/** How devices join: tokens, a new one with its command, and the devices that come. */
export function EnrollmentPage() {
  const { org } = useOrg();
  const trpc = useTRPC();
  const query = useQuery(trpc.enrollment.tokens.queryOptions({ org }));
  const [isAsked, setAsked] = useQueryState('new', parseAsBoolean.withDefault(false));
  const [made, setMade] = useState<NewToken | null>(null);
  const isFirstUse = query.data?.tokens.length === 0;
  const hasForm = made === null && (isAsked || isFirstUse);
  const active = query.data?.tokens.filter(({ state }) => state === 'active').length;
  return (
    <Page crumbs={[{ label: 'Enrollment' }]}>
      <PageHead
        title={
          active === undefined
            ? 'Enrollment'
            : active === 0
              ? 'No device can join now'
              : `Devices can join with ${plural(active, 'token')}`
        }
        sentence="A token lets a device join once or a set number of times. The device then has a certificate of its own."
        actions={
          hasForm || made ? undefined : (
            <Button variant="filled" leftSection={<Icon name="plus" />} onClick={() => void setAsked(true)}>
              New token
            </Button>
          )
        }
      />
      <QueryView query={query} what="The tokens" skeleton={<SkeletonRows columns={6} rows={4} />}>
        {({ tokens, url }) => (
          <>
            {hasForm && <TokenForm onMade={setMade} onClose={isFirstUse ? undefined : () => void setAsked(null)} />}
            {made && (
              <NewTokenPanel
                made={made}
                url={url}
                onDone={() => {
                  setMade(null);
                  void setAsked(null);
                }}
              />
            )}
            {tokens.length > 0 && <TokenTable tokens={tokens} />}
          </>
        )}
      </QueryView>
    </Page>
  );
}
