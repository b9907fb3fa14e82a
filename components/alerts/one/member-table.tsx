'use client';

import type { StoredMember } from '@/server/db/alerts-open.ts';
import type { SubjectKind } from '@/server/domain/alerts/evaluate.ts';
import { evidenceText } from '@/server/domain/alerts/words.ts';
import type { AlertPage } from '@/server/queries/alerts.ts';
import type { Href } from '../../routes.ts';
import { ToneWord } from '../../status/status.tsx';
import type { Column } from '../../table/columns.tsx';
import { CompactRow } from '../../table/compact-list.tsx';
import { DataTable } from '../../table/data-table.tsx';
import { formatCount } from '../../ui/format.ts';
import { SectionHead } from '../../ui/section.tsx';
import { Age } from '../../ui/time.tsx';
import { useOrg } from '../../ui/use-org.ts';
import classes from './member-table.module.css';

const NOUNS = { device: 'Devices', version: 'Versions', rollout: 'Rollouts', fleet: 'Fleet' } as const;

/** "Devices", or "Devices and versions" where what the fleet shows as a whole fired too. */
function nounOf(kinds: readonly SubjectKind[]): string {
  const [first = NOUNS.fleet, ...others] = kinds.map((kind) => NOUNS[kind]);
  return [first, ...others.map((other) => other.toLowerCase())].join(' and ');
}

/** Who is in the alert: those that fire now first, each with what it fired on. */
export function MemberTable({ page: { alert, members } }: { page: AlertPage }) {
  const { at } = useOrg();
  const noun = nounOf(alert.subjectKinds);
  const isMixed = alert.subjectKinds.length > 1;
  const columns: Column<StoredMember>[] = [
    { id: 'name', title: isMixed ? 'Name' : noun.replace(/s$/, ''), isTitle: true, render: ({ name }) => name },
    { id: 'state', title: 'State', render: (member) => <MemberState member={member} /> },
    {
      id: 'evidence',
      title: 'Fired on',
      render: ({ evidence }) => <span className={classes.dim}>{evidenceText(alert.condition, evidence)}</span>,
    },
  ];
  const leadsSomewhere = !alert.subjectKinds.includes('fleet');
  const hrefFor = ({ subjectKind, subjectId, name }: StoredMember): Href => {
    if (subjectKind === 'rollout') return at.rollout(subjectId);
    return subjectKind === 'version' ? at.version(...namesOf(name)) : at.device(subjectId);
  };
  return (
    <div className={classes.members}>
      <SectionHead title={noun} sentence={sentence(alert, members.length)} />
      <DataTable
        noun={noun.toLowerCase()}
        columns={columns}
        rows={members}
        rowId={({ subjectId }) => subjectId}
        rowName={({ name }) => name}
        {...(leadsSomewhere && { hrefFor })}
        renderCompact={(member) => (
          <CompactRow title={member.name} end={<MemberState member={member} />}>
            <span className={classes.dim}>{evidenceText(alert.condition, member.evidence)}</span>
          </CompactRow>
        )}
        state={{ empty: null }}
      />
    </div>
  );
}

function sentence({ members, peakMembers }: AlertPage['alert'], shown: number): string {
  const words =
    members === peakMembers
      ? `${formatCount(members)} fire now`
      : `${formatCount(members)} of ${formatCount(peakMembers)} fire now`;
  return peakMembers > shown ? `${words}; the first ${formatCount(shown)}` : words;
}

function MemberState({ member: { clearedAt, firedAt } }: { member: StoredMember }) {
  return clearedAt ? (
    <ToneWord glyph="check" tone="quiet">
      Good again <Age at={clearedAt} after=" ago" />
    </ToneWord>
  ) : (
    <ToneWord glyph="triangle" tone="attention">
      For <Age at={firedAt} />
    </ToneWord>
  );
}

/** A version is named by its model and its own name, neither of which has a space. */
function namesOf(name: string): [model: string, version: string] {
  const [model = '', version = ''] = name.split(' ');
  return [model, version];
}
