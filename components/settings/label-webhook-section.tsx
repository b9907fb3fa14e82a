'use client';

import { Button } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useForbidden } from '../console/access.tsx';
import { useTRPC } from '../trpc/client.ts';
import { ConfirmButton } from '../ui/confirm-button.tsx';
import { CodeBlock } from '../ui/copy.tsx';
import { Facts } from '../ui/facts.tsx';
import { ForbiddenTooltip } from '../ui/forbidden-tooltip.tsx';
import { problemOf } from '../ui/problem.ts';
import { SecretReveal } from '../ui/secret-reveal.tsx';
import { Section } from '../ui/section.tsx';
import { Clock } from '../ui/time.tsx';
import { useOrg } from '../ui/use-org.ts';
import classes from './save-form.module.css';

type Webhook = { url: string; renewedAt: Date; previousUntil: Date | null; lastUsedAt: Date | null };

/** Where labelling tools send what was right, signed in place of a key. */
export function LabelWebhookSection({ webhook }: { webhook: Webhook | null }) {
  const { org } = useOrg();
  const trpc = useTRPC();
  const client = useQueryClient();
  const forbidden = useForbidden('settings:write');
  const [secret, setSecret] = useState<string | null>(null);
  const onSuccess = () => client.invalidateQueries({ queryKey: trpc.monitoring.labelWebhook.queryKey({ org }) });
  const renew = useMutation(
    trpc.monitoring.renewLabelWebhook.mutationOptions({
      onSuccess: async (made) => {
        setSecret(made.secret);
        await onSuccess();
      },
    }),
  );
  const remove = useMutation(
    trpc.monitoring.removeLabelWebhook.mutationOptions({
      onSuccess: async () => {
        setSecret(null);
        await onSuccess();
      },
    }),
  );
  return (
    <Section title="Webhook for labels">
      <p className={classes.sentence}>
        Labels come to POST /api/v1/labels as JSON or CSV with an API key, now or weeks after the answer. A tool that
        signs its calls, as Standard Webhooks has it, sends the same JSON here and needs no key.
      </p>
      <div className={classes.form}>
        {secret !== null && (
          <SecretReveal label="signing secret" keeps="sealed" secret={secret} onDone={() => setSecret(null)}>
            Sign each call with <code>webhook-id</code>, <code>webhook-timestamp</code> and{' '}
            <code>webhook-signature</code>: HMAC-SHA256 over <code>id.timestamp.body</code>.
          </SecretReveal>
        )}
        {webhook && (
          <>
            <CodeBlock code={webhook.url} label="address" />
            <Facts facts={factsOf(webhook)} />
          </>
        )}
        <div className={classes.actions}>
          {webhook ? (
            <>
              <ConfirmButton
                label="New secret…"
                forbidden={forbidden}
                consequence="The secret before it is good for a day more, so that senders can be told. The one before that is not."
                confirmLabel="Make a new secret"
                onConfirm={() => renew.mutateAsync({ org })}
              />
              <ConfirmButton
                label="Remove…"
                variant="danger"
                forbidden={forbidden}
                consequence="Signed labels are refused from now on. Labels that came stay."
                confirmLabel="Remove the webhook"
                onConfirm={() => remove.mutateAsync({ org })}
              />
            </>
          ) : (
            <ForbiddenTooltip reason={forbidden}>
              {(isDisabled) => (
                <Button disabled={isDisabled} loading={renew.isPending} onClick={() => renew.mutate({ org })}>
                  Make the webhook
                </Button>
              )}
            </ForbiddenTooltip>
          )}
          <p className={classes.answer} role="status" data-failed={Boolean(renew.error)}>
            {renew.error ? problemOf(renew.error).sentence : ''}
          </p>
        </div>
      </div>
    </Section>
  );
}

function factsOf({ renewedAt, previousUntil, lastUsedAt }: Webhook) {
  const isOverlap = previousUntil !== null && previousUntil > new Date();
  return [
    { label: 'Secret since', value: <Clock at={renewedAt} style="date" /> },
    ...(isOverlap
      ? [
          {
            label: 'The one before',
            value: (
              <>
                good until <Clock at={previousUntil} />
              </>
            ),
          },
        ]
      : []),
    { label: 'Last used', value: lastUsedAt ? <Clock at={lastUsedAt} /> : 'never' },
  ];
}
