import type { StoredChannel } from '@/server/db/alerts-channels.ts';
import { ChannelFields, type ChannelKind } from '@/server/domain/alerts/channel.ts';
import type { Severity } from '@/server/domain/alerts/rule.ts';

/** A channel as it is typed: every field of every kind, so that changing the kind loses nothing. */
export type ChannelDraft = {
  kind: ChannelKind;
  name: string;
  isEnabled: boolean;
  minSeverity: Severity;
  url: string;
  host: string;
  port: number;
  security: 'starttls' | 'tls' | 'none';
  username: string;
  password: string;
  from: string;
  to: string;
};

const EMPTY: ChannelDraft = {
  kind: 'email',
  name: '',
  isEnabled: true,
  minSeverity: 'notice',
  url: '',
  host: '',
  port: 587,
  security: 'starttls',
  username: '',
  password: '',
  from: '',
  to: '',
};

export function draftOf(channel: StoredChannel | null): ChannelDraft {
  if (!channel) return EMPTY;
  const { settings, name, isEnabled, minSeverity } = channel;
  const common = { ...EMPTY, kind: settings.kind, name, isEnabled, minSeverity };
  switch (settings.kind) {
    case 'email': {
      const { to, ...rest } = settings;
      return { ...common, ...rest, to: to.join(', ') };
    }
    case 'webhook':
      return { ...common, url: settings.url };
    case 'slack':
      return common;
  }
}

/** What the server takes; or what is wrong, by field. A secret that is left empty stays as it is. */
export function readDraft(
  draft: ChannelDraft,
): { fields: ChannelFields; problems?: never } | { fields?: never; problems: Map<string, string> } {
  const { password, to, url, ...rest } = draft;
  const parsed = ChannelFields.safeParse({
    ...rest,
    to: to.split(/[\s,;]+/).filter(Boolean),
    ...(url.trim() && { url: url.trim() }),
    ...(password && { password }),
  });
  if (parsed.success) return { fields: parsed.data };
  return { problems: new Map(parsed.error.issues.map(({ path, message }) => [String(path[0] ?? ''), message])) };
}
