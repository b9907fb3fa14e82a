'use client';

import { Checkbox, Select, TextInput } from '@mantine/core';
import { Window, windowAt } from '@/server/domain/rollout/windows.ts';
import { Choice } from '../../ui/choice.tsx';
import { Fold } from '../../ui/fold.tsx';
import { useClockText } from '../../ui/use-now.ts';
import classes from './fields.module.css';
import { NumberField } from './number-field.tsx';
import type { PlanDraft, WindowDraft } from './plan-draft.ts';
import { timesSentence } from './sentences.ts';
import type { DraftState } from './use-draft.ts';

const END_THEN: { value: PlanDraft['endThen']; label: string }[] = [
  { value: 'abort', label: 'End it' },
  { value: 'pause', label: 'Pause' },
  { value: 'roll-back', label: 'Roll back' },
];

const TIMES: readonly (keyof PlanDraft)[] = ['startsAt', 'endsAt', 'download', 'activate'];

/** When the rollout begins and must be over, and at which hours devices may download and switch. */
export function TimesFold({ draft }: { draft: DraftState }) {
  const { plan, problems, changePlan } = draft;
  return (
    <Fold title="Times" sentence={timesSentence(plan)} isForcedOpen={TIMES.some((key) => key in problems.plan)}>
      <div className={classes.dates}>
        <TextInput
          type="datetime-local"
          label="Starts (your clock)"
          value={plan.startsAt}
          onChange={(event) => changePlan({ startsAt: event.currentTarget.value })}
          error={problems.plan.startsAt}
        />
        <TextInput
          type="datetime-local"
          label="Must be over by"
          value={plan.endsAt}
          onChange={(event) => changePlan({ endsAt: event.currentTarget.value })}
          error={problems.plan.endsAt}
        />
        {plan.endsAt !== '' && (
          <Choice
            label="If it is not over"
            value={plan.endThen}
            options={END_THEN}
            onChange={(endThen) => changePlan({ endThen })}
          />
        )}
      </div>
      <WindowFields
        label="Download only in a window"
        what="download"
        window={plan.download}
        problem={problems.plan.download}
        onChange={(download) => changePlan({ download })}
      />
      <WindowFields
        label="Switch only in a window"
        what="activation"
        window={plan.activate}
        problem={problems.plan.activate}
        onChange={(activate) => changePlan({ activate })}
      />
    </Fold>
  );
}

type WindowFieldsProps = {
  label: string;
  what: string;
  window: WindowDraft | null;
  problem: string | undefined;
  onChange: (window: WindowDraft | null) => void;
};

function WindowFields({ label, what, window, problem, onChange }: WindowFieldsProps) {
  const change = (part: Partial<WindowDraft>) => window && onChange({ ...window, ...part });
  return (
    <div className={classes.windowHead}>
      <Checkbox
        label={label}
        checked={window !== null}
        onChange={(event) => onChange(event.currentTarget.checked ? freshWindow() : null)}
      />
      {window && (
        <>
          <div className={classes.window}>
            <TextInput
              label="Opens (cron)"
              aria-label={`Cron pattern of the ${what} window`}
              value={window.cron}
              onChange={(event) => change({ cron: event.currentTarget.value })}
              error={problem}
              autoComplete="off"
              spellCheck={false}
            />
            <Select
              label="Time zone"
              aria-label={`Time zone of the ${what} window`}
              data={timeZones()}
              value={window.timeZone}
              onChange={(timeZone) => timeZone && change({ timeZone })}
              searchable
              limit={50}
              allowDeselect={false}
              nothingFoundMessage="No time zone by that name"
            />
            <NumberField
              label="Stays open"
              unit="min"
              value={window.minutes}
              onChange={(minutes) => change({ minutes })}
            />
          </div>
          <p className={classes.help}>
            {problem ? (
              'Minute, hour, day of the month, month, day of the week: 0 2 * * 1-5 is two at night on workdays.'
            ) : (
              <NextOpenings window={window} />
            )}
          </p>
        </>
      )}
    </div>
  );
}

/** Openings shown, so that a slip in the pattern is seen. */
const OPENINGS = 3;

/** A window that opens again before it closes never closes; so often is looked whether it does. */
const MAX_LOOKS = 50;

/** "Opens Sun 22 Nov 02:00, …" in the window's own time zone. */
function NextOpenings({ window }: { window: WindowDraft }) {
  const text = useClockText((nowMs) => openingsText(window, new Date(Math.floor(nowMs / 60_000) * 60_000)));
  return text;
}

function openingsText(draft: WindowDraft, now: Date): string {
  const parsed = Window.safeParse(draft);
  if (!parsed.success) return '';
  const window = parsed.data;
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone: window.timeZone,
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    hour: '2-digit',
    minute: '2-digit',
  });
  const openings: string[] = [];
  const state = windowAt(window, now);
  let from = now;
  for (let looks = 0; looks < MAX_LOOKS && openings.length < OPENINGS; looks += 1) {
    const next = windowAt(window, from);
    if (!next.isOpen) openings.push(format.format(next.opensAt));
    from = next.isOpen ? next.until : new Date(next.opensAt.getTime() + window.minutes * 60_000);
  }
  if (openings.length === 0) return 'Always open: it opens again before it closes.';
  return `${state.isOpen ? `Open now, until ${format.format(state.until)}. ` : ''}Opens ${openings.join('; ')} (${window.timeZone}).`;
}

function freshWindow(): WindowDraft {
  const { timeZone } = new Intl.DateTimeFormat().resolvedOptions();
  return { cron: '0 2 * * *', timeZone, minutes: 120 };
}

function timeZones(): string[] {
  return ['UTC', ...Intl.supportedValuesOf('timeZone').filter((zone) => zone !== 'UTC')];
}
