'use client';

import type { RolloutPage } from '@/server/queries/rollout-pages.ts';
import { Section } from '../../ui/section.tsx';
import { Clock } from '../../ui/time.tsx';
import { useClockText } from '../../ui/use-now.ts';
import classes from './next-list.module.css';
import { whatNext } from './what-next.ts';

/** How often the sentences are computed anew while nothing else changes. */
const LOOK_MS = 5000;

/** What the engine and a person will or may do next, in plain words. */
export function NextList({ page }: { page: RolloutPage }) {
  const now = Number(useClockText((nowMs) => String(Math.floor(nowMs / LOOK_MS) * LOOK_MS)));
  return (
    <Section title="What happens next" isNested>
      <ol className={classes.list}>
        {whatNext(page, new Date(now)).map((step) => (
          <li key={step.text} className={classes.step}>
            <span className={classes.lead}>
              {'at' in step ? (
                <>
                  {step.isEstimate && '~'}
                  <Clock at={step.at} style={step.isEstimate ? 'minute' : 'time'} />
                </>
              ) : (
                step.lead
              )}
            </span>
            <p>{step.text}</p>
          </li>
        ))}
      </ol>
    </Section>
  );
}
