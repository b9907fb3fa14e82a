'use client';

import { Checkbox, TextInput } from '@mantine/core';
import { Choice } from '../../ui/choice.tsx';
import { Fold } from '../../ui/fold.tsx';
import classes from './fields.module.css';
import { NumberField } from './number-field.tsx';
import type { PlanDraft } from './plan-draft.ts';
import { absenceSentence, paceSentence, targetSentence } from './sentences.ts';
import type { DraftState } from './use-draft.ts';

/** The fields of a plan that are numbers. */
type NumberKey =
  | 'maxPerMinute'
  | 'basePerMinute'
  | 'growth'
  | 'growsEvery'
  | 'concurrency'
  | 'maxKbPerS'
  | 'maxUnavailable'
  | 'minAvailable'
  | 'offlineWaitMinutes'
  | 'timeoutMinutes'
  | 'stepTimeoutMinutes'
  | 'retryCount'
  | 'retryMinutes';
type Spec = { key: NumberKey; label: string; unit?: string; empty?: string; isOff?: boolean };

const PACE: readonly (keyof PlanDraft)[] = [
  'maxPerMinute',
  'basePerMinute',
  'growth',
  'growsEvery',
  'concurrency',
  'maxKbPerS',
  'budgetLabels',
  'maxUnavailable',
  'minAvailable',
];

/** How fast devices are told, and how many of one group may be away at the same time. */
export function PaceFold({ draft }: { draft: DraftState }) {
  const { plan, problems, changePlan } = draft;
  const hasBudget = plan.budgetLabels.trim() !== '';
  const grows = plan.basePerMinute !== null;
  return (
    <Fold title="Pace" sentence={paceSentence(plan)} isForcedOpen={PACE.some((key) => key in problems.plan)}>
      <Numbers
        draft={draft}
        specs={[
          { key: 'maxPerMinute', label: 'Devices a minute', empty: 'no limit' },
          { key: 'concurrency', label: 'On their way at once', empty: 'no limit' },
          { key: 'maxKbPerS', label: 'Download of a device', unit: 'kB/s', empty: 'no limit' },
        ]}
      />
      <h3 className={classes.group}>Growing rate</h3>
      <Numbers
        draft={draft}
        specs={[
          { key: 'basePerMinute', label: 'Begins with, a minute', empty: 'off' },
          { key: 'growth', label: 'Grows by', unit: '×', empty: '2', isOff: !grows },
          { key: 'growsEvery', label: 'With every … succeeded', empty: '10', isOff: !grows },
        ]}
      />
      <h3 className={classes.group}>Disruption budget</h3>
      <div className={classes.grid}>
        <TextInput
          label="Groups by labels"
          placeholder="none, or: site, line"
          value={plan.budgetLabels}
          onChange={(event) => changePlan({ budgetLabels: event.currentTarget.value })}
          error={problems.plan.budgetLabels}
          autoComplete="off"
          spellCheck={false}
        />
        <Cells
          draft={draft}
          specs={[
            { key: 'maxUnavailable', label: 'Away in a group, at most', empty: 'no limit', isOff: !hasBudget },
            { key: 'minAvailable', label: 'There in a group, at least', empty: 'no limit', isOff: !hasBudget },
          ]}
        />
      </div>
      <p className={classes.help}>
        A group is the devices with the same values of these labels. A group that is smaller than what must be there
        still moves one device at a time.
      </p>
    </Fold>
  );
}

const THEN: { value: PlanDraft['offlineThen']; label: string }[] = [
  { value: 'skip', label: 'Go on without' },
  { value: 'keep-waiting', label: 'Go on, stay open' },
  { value: 'fail', label: 'Count as failed' },
];

const ABSENCE: readonly (keyof PlanDraft)[] = [
  'offlineWaitMinutes',
  'timeoutMinutes',
  'stepTimeoutMinutes',
  'retryCount',
  'retryMinutes',
];

/** What becomes of devices that are away, take long, or fail for now. */
export function AbsenceFold({ draft }: { draft: DraftState }) {
  const { plan, problems, changePlan } = draft;
  return (
    <Fold title="Patience" sentence={absenceSentence(plan)} isForcedOpen={ABSENCE.some((key) => key in problems.plan)}>
      <div className={classes.row}>
        <div className={classes.short}>
          <Cells
            draft={draft}
            specs={[{ key: 'offlineWaitMinutes', label: 'A wave waits for devices out of reach', unit: 'min' }]}
          />
        </div>
        <Choice
          label="Then"
          value={plan.offlineThen}
          options={THEN}
          onChange={(offlineThen) => changePlan({ offlineThen })}
        />
      </div>
      <Checkbox
        className={classes.check ?? ''}
        label="Tell devices while they are out of reach: they move as soon as they are back, also after the rollout is over"
        checked={plan.notifyDark}
        onChange={(event) => changePlan({ notifyDark: event.currentTarget.checked })}
      />
      <Numbers
        draft={draft}
        specs={[
          { key: 'timeoutMinutes', label: 'Time for one device', unit: 'min' },
          { key: 'stepTimeoutMinutes', label: 'Time for one step', unit: 'min', empty: 'no limit' },
          { key: 'retryCount', label: 'Told again, times' },
          { key: 'retryMinutes', label: 'First after', unit: 'min', isOff: !plan.retryCount },
        ]}
      />
      <p className={classes.help}>The wait before a retry doubles each time.</p>
    </Fold>
  );
}

const TARGETS: { value: PlanDraft['target']; label: string }[] = [
  { value: 'snapshot', label: 'As they are now' },
  { value: 'continuous', label: 'Take in later ones' },
];

/** Which slot of the devices, and whether those that match later come along. */
export function TargetFold({ draft }: { draft: DraftState }) {
  const { plan, problems, changePlan } = draft;
  return (
    <Fold title="Target" sentence={targetSentence(plan)} isForcedOpen={'slot' in problems.plan}>
      <div className={classes.row}>
        <div className={classes.short}>
          <TextInput
            label="Slot"
            value={plan.slot}
            onChange={(event) => changePlan({ slot: event.currentTarget.value })}
            error={problems.plan.slot}
            autoComplete="off"
            spellCheck={false}
          />
        </div>
        <Choice
          label="Devices that match the labels"
          value={plan.target}
          options={TARGETS}
          onChange={(target) => changePlan({ target })}
        />
      </div>
      <p className={classes.help}>
        Later ones go through the gates of the last wave, and the rollout stays open until somebody finishes it.
      </p>
    </Fold>
  );
}

type NumbersProps = { draft: DraftState; specs: readonly Spec[] };

function Numbers(props: NumbersProps) {
  return (
    <div className={classes.grid}>
      <Cells {...props} />
    </div>
  );
}

function Cells({ draft: { plan, problems, changePlan }, specs }: NumbersProps) {
  return specs.map(({ key, label, unit, empty, isOff = false }) => (
    <NumberField
      key={key}
      label={label}
      {...(unit !== undefined && { unit })}
      {...(empty !== undefined && { placeholder: empty })}
      value={plan[key]}
      onChange={(value) => changePlan({ [key]: value })}
      error={problems.plan[key]}
      isDisabled={isOff}
    />
  ));
}
