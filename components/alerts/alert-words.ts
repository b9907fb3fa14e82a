import { alertTitle, evidenceText } from '@/server/domain/alerts/words.ts';
import type { AlertPage, AlertRow } from '@/server/queries/alerts.ts';
import { plural } from '../ui/format.ts';

/** "Error rate: 3 devices": while it fires those that do, afterwards the most that did. */
export function titleOf(alert: AlertRow): string {
  const count = alert.state === 'resolved' ? alert.peakMembers : alert.members;
  return alertTitle(alert.ruleName, { kinds: alert.subjectKinds, names: alert.names, count });
}

/** What was measured on the first of its members. */
export function sentenceOf({ condition, evidence }: AlertRow): string {
  return evidence ? evidenceText(condition, evidence) : '';
}

/** The list's answer: how many fire, and how many somebody is on. */
export function listTitle(counts: { firing: number; acknowledged: number } | undefined): string {
  if (!counts) return 'Alerts';
  const { firing, acknowledged } = counts;
  if (firing + acknowledged === 0) return 'Nothing is firing';
  if (firing === 0) return `${plural(acknowledged, 'alert')} somebody is on`;
  const rest = acknowledged > 0 ? `, ${acknowledged} acknowledged` : '';
  return `${plural(firing, 'alert')} ${firing === 1 ? 'fires' : 'fire'}${rest}`;
}

type Event = AlertPage['events'][number];

/** What happened, after the name of who did it. */
export function eventWords({ kind, detail }: Event): string {
  const { count = 0, left = 0, names = [], note = '', why, mute } = detail;
  const who = count > names.length ? `${names.join(', ')} and ${count - names.length} more` : names.join(', ');
  switch (kind) {
    case 'fired':
      return `fired on ${who}`;
    case 'grew':
      return `added ${who}`;
    case 'shrank':
      return `saw ${count} good again, ${left} left`;
    case 'acknowledged':
      return note ? `took it on: ${note}` : 'took it on';
    case 'noted':
      return `noted: ${note}`;
    case 'resolved':
      if (why === 'person') return note ? `resolved it: ${note}` : 'resolved it';
      if (why === 'rule') return 'ended it with its rule';
      return why === 'gone' ? 'ended it: nothing is left that the rule means' : 'resolved it: all are good again';
    case 'muted':
      return `keeps it quiet: ${mute ?? 'a mute'}`;
    case 'unmuted':
      return 'tells it again: the mute is over';
  }
}
