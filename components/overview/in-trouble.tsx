'use client';

import Link from 'next/link';
import type { Trouble } from '@/server/queries/overview.ts';
import { withQuery } from '../routes.ts';
import { StatusGlyph } from '../status/status.tsx';
import { formatCount } from '../ui/format.ts';
import { ReasonCode } from '../ui/tags.tsx';
import { Age } from '../ui/time.tsx';
import { useOrg } from '../ui/use-org.ts';
import classes from './in-trouble.module.css';
import { troubleStatus, troubleTitle } from './words.ts';

/** What needs a look, worst first: one line per cause, however many devices it struck. */
export function InTrouble({ trouble }: { trouble: readonly Trouble[] }) {
  if (trouble.length === 0) return <p className={classes.none}>Nothing. Every device serves and answers.</p>;
  return (
    <ul>
      {trouble.map((cause) => (
        <Cause key={`${cause.kind}/${cause.code}/${cause.version}/${cause.tone}`} cause={cause} />
      ))}
    </ul>
  );
}

function Cause({ cause }: { cause: Trouble }) {
  const { at } = useOrg();
  const status = troubleStatus(cause);
  const first = cause.devices[0];
  const all = withQuery(at.devices(), { [status.axis]: status.value });
  const more = cause.count - cause.devices.length;
  return (
    <li className={classes.cause}>
      <StatusGlyph {...status} />
      <div className={classes.words}>
        <Link className={classes.title} href={cause.count === 1 && first ? at.device(first.id) : all}>
          {troubleTitle(cause)}
        </Link>
        <p>{cause.sentence}</p>
      </div>
      <div className={classes.end}>
        <span className={classes.devices}>
          {cause.devices.map(({ id, name }, index) => (
            <span key={id}>
              {index > 0 && ', '}
              <Link href={at.device(id)}>{name}</Link>
            </span>
          ))}
          {more > 0 && (
            <>
              {' '}
              <Link href={all}>and {formatCount(more)} more</Link>
            </>
          )}
        </span>
        <span className={classes.why}>
          {cause.code !== null && (
            <ReasonCode code={cause.code} tone={cause.tone === 'critical' ? 'critical' : 'attention'} />
          )}
          {cause.since !== null && <Age at={cause.since} />}
        </span>
      </div>
    </li>
  );
}
