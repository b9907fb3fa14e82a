'use client';

import { useQuery } from '@tanstack/react-query';
import { useTRPC } from '../../../trpc/client.ts';
import { QueryView } from '../../../ui/query-view.tsx';
import { Section } from '../../../ui/section.tsx';
import { SkeletonRows } from '../../../ui/skeleton.tsx';
import { useOrg } from '../../../ui/use-org.ts';
import { CommandButtons } from './command-buttons.tsx';
import { CommandLine } from './command-line.tsx';
import classes from './commands.module.css';

/** Commands that are shown; the rest is in the REST API. */
const SHOWN = 8;

/** What can be asked of this device, what was, and how far it came. */
export function CommandSection({ deviceId, isGone }: { deviceId: string; isGone: boolean }) {
  const { org } = useOrg();
  const trpc = useTRPC();
  const query = useQuery(trpc.commands.list.queryOptions({ org, deviceId, limit: SHOWN }));
  return (
    <Section title="Commands" sentence="signed, sent until the device answers, carried out once">
      <QueryView query={query} what="What was asked of this device" skeleton={<SkeletonRows rows={3} columns={3} />}>
        {({ commands, captures }) => (
          <>
            {!isGone && <CommandButtons deviceId={deviceId} captures={captures} />}
            {commands.length === 0 ? (
              <p className={classes.none}>Nothing was asked of this device yet.</p>
            ) : (
              <ol className={classes.list}>
                {commands.map((command) => (
                  <CommandLine key={command.id} command={command} />
                ))}
              </ol>
            )}
          </>
        )}
      </QueryView>
    </Section>
  );
}
