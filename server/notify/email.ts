import { createTransport } from 'nodemailer';
import type { ChannelSettings } from '../domain/alerts/channel.ts';
import type { AlertMessage } from '../domain/alerts/message.ts';
import { type AddressPolicy, resolveAllowed } from './address-policy.ts';

/** A mail server that takes longer for one step is tried again later. */
const TIMEOUT_MS = 15_000;

/** Subjects that a letter lists. */
const MAX_LISTED = 50;

type EmailSettings = Extract<ChannelSettings, { kind: 'email' }>;

/** Hands a letter to a mail server. The letter's id is the message's, so that a repeated one is known. */
export async function sendEmail(
  settings: EmailSettings,
  password: string | null,
  id: string,
  message: AlertMessage,
  policy: AddressPolicy,
): Promise<void> {
  const { host, port, security, username, from, to } = settings;
  const { address } = await resolveAllowed(host, policy);
  const transport = createTransport({
    host: address,
    port,
    secure: security === 'tls',
    requireTLS: security === 'starttls',
    ignoreTLS: security === 'none',
    tls: { servername: host },
    ...(username && { auth: { user: username, pass: password ?? '' } }),
    connectionTimeout: TIMEOUT_MS,
    greetingTimeout: TIMEOUT_MS,
    socketTimeout: TIMEOUT_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  try {
    const [, domain = 'flotilla'] = from.split('@');
    const messageId = `<${id}@${domain}>`;
    // Letters of one alert make one thread.
    const thread = message.alert ? `<alert-${message.alert.id}@${domain}>` : undefined;
    await transport.sendMail({
      messageId,
      from: { name: `Flotilla, ${message.organization.name}`, address: from },
      to,
      subject: emailSubject(message),
      text: emailText(message),
      ...(thread && { inReplyTo: thread, references: thread }),
      headers: { 'Auto-Submitted': 'auto-generated', 'X-Flotilla-Kind': message.kind },
    });
  } catch (error) {
    throw new Error(`${host} did not take the letter: ${error instanceof Error ? error.message : 'unknown'}`, {
      cause: error,
    });
  } finally {
    transport.close();
  }
}

export function emailSubject({ title, severity, kind }: AlertMessage): string {
  const loud = severity === 'critical' && (kind === 'fired' || kind === 'grew') ? 'Critical: ' : '';
  return `${loud}${title}`;
}

export function emailText({ sentence, link, organization, alert }: AlertMessage): string {
  const subjects = (alert?.subjects ?? []).filter(({ clearedAt }) => clearedAt === null);
  const listed = subjects.slice(0, MAX_LISTED).map(({ name }) => `  ${name}`);
  const more = (alert?.members ?? 0) - listed.length;
  return [
    sentence,
    ...(subjects.length > 1 ? ['', ...listed, ...(more > 0 ? [`  and ${more} more`] : [])] : []),
    '',
    link,
    '',
    `${organization.name}${alert ? `, since ${alert.firedAt}` : ''}`,
    '',
  ].join('\n');
}
