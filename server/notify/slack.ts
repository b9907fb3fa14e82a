import type { AlertMessage } from '../domain/alerts/message.ts';
import type { Severity } from '../domain/alerts/rule.ts';
import type { AddressPolicy } from './address-policy.ts';
import { postJson } from './post-json.ts';

const MARKS: Record<Severity, string> = {
  critical: ':octagonal_sign:',
  attention: ':warning:',
  notice: ':information_source:',
};

/** Subjects that a chat message lists. */
const MAX_LISTED = 10;

/** The JSON of an incoming webhook as Slack, Mattermost, Rocket.Chat and others take it: text with light markup. */
export function slackBody({ kind, title, sentence, severity, link, organization, alert }: AlertMessage): string {
  const mark = kind === 'resolved' ? ':white_check_mark:' : MARKS[severity];
  const names = (alert?.subjects ?? [])
    .filter(({ clearedAt }) => clearedAt === null)
    .map(({ name }) => escapeMarkup(name));
  const more = (alert?.members ?? 0) - MAX_LISTED;
  const listed =
    names.length > 1 ? `\n${names.slice(0, MAX_LISTED).join(', ')}${more > 0 ? ` and ${more} more` : ''}` : '';
  const text = `${mark} *<${link}|${escapeMarkup(title)}>*\n${escapeMarkup(sentence)}${listed}\n_${escapeMarkup(organization.name)}_`;
  return JSON.stringify({ text });
}

export async function sendSlack(url: string, message: AlertMessage, policy: AddressPolicy): Promise<void> {
  await postJson(url, slackBody(message), {}, policy);
}

/** https://api.slack.com/reference/surfaces/formatting#escaping */
function escapeMarkup(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
