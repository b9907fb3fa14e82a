'use client';

import { Checkbox, NumberInput, PasswordInput, SegmentedControl, Select, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import type { StoredChannel } from '@/server/db/alerts-channels.ts';
import { channelKinds } from '@/server/domain/alerts/channel.ts';
import { useForbidden } from '../../console/access.tsx';
import { useTRPC } from '../../trpc/client.ts';
import { FormActions } from '../../ui/form-actions.tsx';
import { FormSection } from '../../ui/form-section.tsx';
import { useOrg } from '../../ui/use-org.ts';
import { type ChannelDraft, draftOf, readDraft } from './channel-draft.ts';
import classes from './channel-form.module.css';

type ChannelFormProps = {
  /** Null for a new one. */
  channel: StoredChannel | null;
  /** The signing secret of a new webhook, to be shown once. */
  onSaved: (secret: string | null) => void;
  onClose: (() => void) | undefined;
};

const LABELS = { email: 'E-mail', webhook: 'Webhook', slack: 'Chat (Slack-compatible)' } as const;

/** Makes or changes a channel. */
export function ChannelForm({ channel, onSaved, onClose }: ChannelFormProps) {
  const { org } = useOrg();
  const trpc = useTRPC();
  const client = useQueryClient();
  const forbidden = useForbidden('alerts:write');
  const [draft, setDraft] = useState(() => draftOf(channel));
  const [isAsked, setAsked] = useState(false);
  const save = useMutation(
    trpc.alerts.saveChannel.mutationOptions({
      onSuccess: async ({ secret }) => {
        await client.invalidateQueries({ queryKey: trpc.alerts.pathKey() });
        onSaved(secret);
      },
    }),
  );
  const read = readDraft(draft);
  const problems = isAsked ? (read.problems ?? new Map<string, string>()) : new Map<string, string>();
  const change = (fields: Partial<ChannelDraft>) => setDraft({ ...draft, ...fields });

  function submit(event: FormEvent) {
    event.preventDefault();
    setAsked(true);
    if (read.fields) save.mutate({ org, channel: read.fields, ...(channel && { channelId: channel.id }) });
  }

  return (
    <FormSection
      title={channel ? `Change ${channel.name}` : 'New channel'}
      sentence="Secrets are stored encrypted, and never shown again."
      onClose={onClose}
    >
      <form className={classes.form} onSubmit={submit} noValidate>
        {!channel && (
          <SegmentedControl
            aria-label="Kind of channel"
            withItemsBorders={false}
            data={channelKinds.map((value) => ({ value, label: LABELS[value] }))}
            value={draft.kind}
            onChange={(kind) => change({ kind: channelKinds.find((each) => each === kind) ?? 'email' })}
          />
        )}
        <div className={classes.fields}>
          <TextInput
            label="Name"
            placeholder="On call"
            value={draft.name}
            onChange={(event) => change({ name: event.currentTarget.value })}
            error={problems.get('name') ?? null}
            maxLength={100}
            autoComplete="off"
          />
          <Select
            label="Is told of"
            data={[
              { value: 'notice', label: 'All alerts' },
              { value: 'attention', label: 'Attention and critical' },
              { value: 'critical', label: 'Critical only' },
            ]}
            value={draft.minSeverity}
            allowDeselect={false}
            onChange={(value) => change({ minSeverity: value as ChannelDraft['minSeverity'] })}
          />
          <KindFields draft={draft} change={change} problems={problems} isNew={channel === null} />
        </div>
        <Checkbox
          label="On"
          checked={draft.isEnabled}
          onChange={(event) => change({ isEnabled: event.currentTarget.checked })}
        />
        <FormActions label={channel ? 'Save' : 'Make the channel'} action={save} forbidden={forbidden} />
      </form>
    </FormSection>
  );
}

type KindFieldsProps = {
  draft: ChannelDraft;
  change: (fields: Partial<ChannelDraft>) => void;
  problems: ReadonlyMap<string, string>;
  isNew: boolean;
};

function KindFields({ draft, change, problems, isNew }: KindFieldsProps) {
  const text = (
    key: 'host' | 'username' | 'from' | 'to' | 'url',
    label: string,
    placeholder: string,
    description?: string,
  ) => (
    <TextInput
      label={label}
      placeholder={placeholder}
      {...(description !== undefined && { description })}
      value={draft[key]}
      onChange={(event) => change({ [key]: event.currentTarget.value })}
      error={problems.get(key) ?? null}
      autoComplete="off"
      spellCheck={false}
    />
  );
  if (draft.kind === 'webhook')
    return text(
      'url',
      'Address',
      'https://ops.example.com/hooks/flotilla',
      'It is called with JSON, signed; redirects are not followed.',
    );
  if (draft.kind === 'slack')
    return text(
      'url',
      'Address of the incoming webhook',
      isNew ? 'https://hooks.slack.com/services/…' : 'stays as it is',
      'It is a secret, and stored as one. Mattermost and Rocket.Chat take the same form.',
    );
  return (
    <>
      {text('to', 'To', 'oncall@example.com, boss@example.com')}
      {text('from', 'From', 'flotilla@example.com')}
      {text('host', 'Mail server', 'smtp.example.com')}
      <NumberInput
        label="Port"
        value={draft.port}
        onChange={(port) => typeof port === 'number' && change({ port })}
        error={problems.get('port') ?? null}
        min={1}
        max={65_535}
        allowDecimal={false}
        hideControls
      />
      <Select
        label="Encryption"
        data={[
          { value: 'starttls', label: 'STARTTLS (usually port 587)' },
          { value: 'tls', label: 'TLS from the start (465)' },
          { value: 'none', label: 'None: only on a network you trust' },
        ]}
        value={draft.security}
        allowDeselect={false}
        onChange={(value) => change({ security: value as ChannelDraft['security'] })}
      />
      {text('username', 'User name', 'empty for none')}
      <PasswordInput
        label="Password"
        placeholder={isNew ? '' : 'stays as it is'}
        value={draft.password}
        onChange={(event) => change({ password: event.currentTarget.value })}
        error={problems.get('password') ?? null}
        autoComplete="new-password"
      />
    </>
  );
}
