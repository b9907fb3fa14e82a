import { Glyph } from '../../status/glyph.tsx';
import { formatDuration } from '../../ui/format.ts';
import { Clock } from '../../ui/time.tsx';
import type { Step } from './steps.ts';
import classes from './way.module.css';

const SHAPES = { done: 'check', now: 'pie', failed: 'square-x', ahead: 'ring' } as const;
const WORDS: Record<Step['state'], string> = { done: 'done', now: 'now', failed: 'failed', ahead: 'to come' };

/** The steps of an update on one line: what is done and how long it took, where it is, where it failed. */
export function Way({ steps }: { steps: readonly Step[] }) {
  return (
    <ol className={classes.way}>
      {steps.map((step) => (
        <li key={step.name} data-state={step.state} aria-current={step.state === 'now' ? 'step' : undefined}>
          <span className={classes.mark}>
            <Glyph name={SHAPES[step.state]} />
          </span>
          <span className={classes.name}>{step.name}</span>
          <small>
            <span className={classes.said}>{WORDS[step.state]}</span>
            <StepNote step={step} />
          </small>
        </li>
      ))}
    </ol>
  );
}

function StepNote({ step: { state, at, tookMs } }: { step: Step }) {
  if (state === 'failed')
    return (
      <>
        failed
        {at && (
          <>
            {' '}
            <Clock at={at} />
          </>
        )}
      </>
    );
  if (tookMs !== null) return formatDuration(tookMs);
  return at && <Clock at={at} />;
}
