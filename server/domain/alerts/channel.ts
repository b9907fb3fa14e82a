import * as z from 'zod';
import { Email } from '../access/account.ts';
import { severities } from './rule.ts';

export const channelKinds = ['email', 'webhook', 'slack'] as const;
export type ChannelKind = (typeof channelKinds)[number];

/** People that one channel writes to. */
const MAX_RECIPIENTS = 20;

const HttpUrl = z
  .url({ protocol: /^https?$/, error: 'Give an address that starts with https://.' })
  .max(2_000)
  .refine((text) => {
    const { username, password } = new URL(text);
    return username === '' && password === '';
  }, 'An address carries no user name or password; the signature tells who calls.');

const SmtpSecret = z.string().max(1_000);

/** How a channel is reached, with its secret as a person types it in: it is never given out again. */
export const ChannelSettings = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('email'),
    host: z
      .string()
      .trim()
      .toLowerCase()
      .min(1)
      .max(253)
      .regex(/^[a-z0-9.:_-]+$/, 'Give the name of a mail server, such as smtp.example.com.'),
    port: z.int().min(1).max(65_535).default(587),
    /** starttls asks for it and goes no further without; tls begins with it; none is for a server on the same machine or network. */
    security: z.enum(['starttls', 'tls', 'none']).default('starttls'),
    username: z.string().max(500).default(''),
    from: Email,
    to: z.array(Email).min(1, 'Who shall get it?').max(MAX_RECIPIENTS),
  }),
  z.object({ kind: z.literal('webhook'), url: HttpUrl }),
  /** A Slack-compatible incoming webhook. Its address is its secret: only the host is kept readable. */
  z.object({ kind: z.literal('slack'), host: z.string().max(300) }),
]);
export type ChannelSettings = z.infer<typeof ChannelSettings>;

const Common = z.object({
  name: z.string().trim().min(1, 'A channel needs a name.').max(100),
  isEnabled: z.boolean().default(true),
  /** The quietest alert that it is told of. */
  minSeverity: z.enum(severities).default('notice'),
});

/** What a person fills in. A secret that is left out stays as it is. */
export const ChannelFields = z.discriminatedUnion('kind', [
  Common.extend({ ...ChannelSettings.options[0].shape, password: SmtpSecret.optional() }),
  Common.extend({ ...ChannelSettings.options[1].shape }),
  Common.extend({ kind: z.literal('slack'), url: HttpUrl.optional() }),
]);
export type ChannelFields = z.infer<typeof ChannelFields>;
