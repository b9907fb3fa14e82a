'use client';

import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { conditionText, durationText } from '@/server/domain/alerts/words.ts';
import type { RulePreview } from '@/server/queries/alerts-preview.ts';
import { ToneWord } from '../../status/status.tsx';
import { useTRPC } from '../../trpc/client.ts';
import { formatCount, plural } from '../../ui/format.ts';
import { problemOf } from '../../ui/problem.ts';
import { Section } from '../../ui/section.tsx';
import { Clock } from '../../ui/time.tsx';
import { useOrg } from '../../ui/use-org.ts';
import type { RuleDraft } from './rule-draft.ts';
import classes from './rule-preview.module.css';

const TYPING_MS = 500;

/** Moments and names that are listed. */
const LISTED = 6;

/** What the rule says now, and what it would have said in the last 24 hours; before anybody is woken by it. */
export function RulePreviewAside({ draft, isWhole }: { draft: RuleDraft; isWhole: boolean }) {
  const { org } = useOrg();
  const trpc = useTRPC();
  const rule = { ...draft, name: draft.name.trim() || 'Preview' };
  const [settled] = useDebouncedValue(rule, TYPING_MS);
  const query = useQuery(
    trpc.alerts.preview.queryOptions({ org, rule: settled }, { enabled: isWhole, placeholderData: keepPreviousData }),
  );
  return (
    <Section title="Preview" sentence={query.isFetching ? 'looking…' : 'nothing is stored'} isNested>
      <p className={classes.rule}>{conditionText(draft.condition)}.</p>
      {!isWhole && <p className={classes.dim}>Fill in what is missing, and it is looked at here.</p>}
      {query.error && isWhole && <p className={classes.dim}>{problemOf(query.error).sentence}</p>}
      {query.data && isWhole && <Found preview={query.data} />}
    </Section>
  );
}

function Found({ preview: { subjects, bad, badCount, withoutData, day } }: { preview: RulePreview }) {
  const names = bad.slice(0, LISTED).map(({ name }) => name);
  const more = badCount - names.length;
  return (
    <div className={classes.found}>
      <div>
        {badCount === 0 ? (
          <ToneWord glyph="check" tone="ok">
            Holds for none of {formatCount(subjects)} now
          </ToneWord>
        ) : (
          <ToneWord glyph="triangle" tone="attention">
            Holds for {formatCount(badCount)} of {formatCount(subjects)} now
          </ToneWord>
        )}
        {names.length > 0 && (
          <p className={classes.dim}>{`${names.join(', ')}${more > 0 ? ` and ${more} more` : ''}`}</p>
        )}
        {withoutData > 0 && <p className={classes.dim}>{`${formatCount(withoutData)} without data`}</p>}
      </div>
      {day === null ? (
        <p className={classes.dim}>What this rule looks at keeps no history, so the last day cannot be tried.</p>
      ) : (
        <div>
          <p>
            <b>Would have fired {plural(day.alerts, 'time')}</b> in the last 24 h
            {day.firings > day.alerts && `, for ${plural(day.firings, 'member')} in all`}.
          </p>
          {day.moments.length > 0 && (
            <ul className={classes.moments}>
              {day.moments.slice(-LISTED).map(({ at, name }) => (
                <li key={`${name} ${new Date(at).getTime()}`}>
                  <Clock at={at} style="minute" /> {name}
                </li>
              ))}
            </ul>
          )}
          <p className={classes.dim}>{`Looked at every ${durationText(day.stepS)}.`}</p>
        </div>
      )}
    </div>
  );
}
