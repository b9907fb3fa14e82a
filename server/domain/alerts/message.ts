import type { AlertCondition } from './condition.ts';
import type { Evidence, SubjectKind } from './evaluate.ts';
import type { NotificationKind } from './notify.ts';
import type { Severity } from './rule.ts';
import { alertTitle, conditionText, evidenceText } from './words.ts';

/** Subjects that a message names; the count says how many there are. */
export const MAX_NAMED = 100;

export type MessageKind = NotificationKind | 'test';

/** What a channel is told: everything that a person or a program needs, frozen when it was written. JSON. */
export type AlertMessage = {
  kind: MessageKind;
  at: string;
  organization: { slug: string; name: string };
  link: string;
  title: string;
  sentence: string;
  severity: Severity;
  /** Null in a test. */
  alert: {
    id: string;
    ruleId: string | null;
    ruleName: string;
    condition: AlertCondition;
    firedAt: string;
    resolvedAt: string | null;
    /** Subjects that fire now, and the most that did. */
    members: number;
    peakMembers: number;
    subjects: {
      id: string;
      kind: SubjectKind;
      name: string;
      firedAt: string;
      clearedAt: string | null;
      evidence: MessageEvidence;
    }[];
    /** What the alert was made of: the metric, the stretch of time, versions and devices. */
    evidence: {
      metric: string;
      from: string;
      to: string;
      versionIds: string[];
      deviceIds: string[];
      samples: number;
      value: number | null;
      limit: number;
    };
  } | null;
};
type MessageEvidence = Omit<Evidence, 'from' | 'to'> & { from: string; to: string };

export type MessageInput = {
  kind: NotificationKind;
  now: Date;
  organization: { slug: string; name: string };
  link: string;
  alert: {
    id: string;
    ruleId: string | null;
    ruleName: string;
    severity: Severity;
    condition: AlertCondition;
    firedAt: Date;
    resolvedAt: Date | null;
    members: number;
    peakMembers: number;
  };
  /** At most {@link MAX_NAMED}, those that fire first. */
  members: readonly {
    subjectId: string;
    subjectKind: SubjectKind;
    name: string;
    firedAt: Date;
    clearedAt: Date | null;
    evidence: Evidence;
  }[];
  note?: string | null;
};

const VERBS: Record<NotificationKind, string> = {
  fired: '',
  grew: 'Growing: ',
  acknowledged: 'Acknowledged: ',
  resolved: 'Resolved: ',
  retrain: 'Training wanted: ',
};

export function alertMessage({ kind, now, organization, link, alert, members, note }: MessageInput): AlertMessage {
  const [worst] = members;
  const firing = members.filter(({ clearedAt }) => clearedAt === null);
  const named = firing.length > 0 ? firing : members;
  const count = kind === 'resolved' ? alert.peakMembers : alert.members;
  const title = alertTitle(alert.ruleName, {
    kinds: named.map(({ subjectKind }) => subjectKind),
    names: named.map(({ name }) => name),
    count,
  });
  const rule = conditionText(alert.condition);
  const evidence = worst ? `${evidenceText(alert.condition, worst.evidence)}.` : '';
  const sentence =
    kind === 'acknowledged' && note
      ? note
      : kind === 'resolved'
        ? `It is over. The rule: ${rule}.`
        : `${evidence} The rule: ${rule}.`;
  return {
    kind,
    at: now.toISOString(),
    organization,
    link,
    title: `${VERBS[kind]}${title}`,
    sentence: sentence.trim(),
    severity: alert.severity,
    alert: {
      id: alert.id,
      ruleId: alert.ruleId,
      ruleName: alert.ruleName,
      condition: alert.condition,
      firedAt: alert.firedAt.toISOString(),
      resolvedAt: alert.resolvedAt?.toISOString() ?? null,
      members: alert.members,
      peakMembers: alert.peakMembers,
      subjects: members.map(({ subjectId, subjectKind, name, firedAt, clearedAt, evidence: found }) => ({
        id: subjectId,
        kind: subjectKind,
        name,
        firedAt: firedAt.toISOString(),
        clearedAt: clearedAt?.toISOString() ?? null,
        evidence: { ...found, from: found.from.toISOString(), to: found.to.toISOString() },
      })),
      evidence: evidenceWindow(alert.condition, members, now),
    },
  };
}

type Whole = NonNullable<AlertMessage['alert']>['evidence'];

/** The stretch that holds every member's evidence, the versions and devices in it, and the worst value. */
function evidenceWindow(condition: AlertCondition, members: MessageInput['members'], now: Date): Whole {
  const times = (pick: (evidence: Evidence) => Date) => members.map(({ evidence }) => pick(evidence).getTime());
  const values = members.flatMap(({ evidence }) => (evidence.value === null ? [] : [evidence.value]));
  const isAbove = members[0]?.evidence.op !== 'below';
  return {
    metric: condition.kind === 'metric' ? condition.metric : condition.kind,
    from: new Date(Math.min(now.getTime(), ...times(({ from }) => from))).toISOString(),
    to: new Date(Math.max(...(members.length > 0 ? times(({ to }) => to) : [now.getTime()]))).toISOString(),
    versionIds: [...new Set(members.flatMap(({ evidence }) => evidence.versionIds))],
    deviceIds: members.filter(({ subjectKind }) => subjectKind === 'device').map(({ subjectId }) => subjectId),
    samples: members.reduce((sum, { evidence }) => sum + evidence.samples, 0),
    value: values.length === 0 ? null : isAbove ? Math.max(...values) : Math.min(...values),
    limit: members[0]?.evidence.limit ?? 0,
  };
}

export function testMessage(
  organization: { slug: string; name: string },
  link: string,
  channel: string,
  now: Date,
): AlertMessage {
  return {
    kind: 'test',
    at: now.toISOString(),
    organization,
    link,
    title: `Test of ${channel}`,
    sentence: 'If you read this, alerts reach you here. Nothing is wrong.',
    severity: 'notice',
    alert: null,
  };
}

/** How programs tell messages apart. */
export const messageTypes: Record<MessageKind, string> = {
  fired: 'alert.fired',
  grew: 'alert.grew',
  acknowledged: 'alert.acknowledged',
  resolved: 'alert.resolved',
  retrain: 'retraining.requested',
  test: 'test',
};
