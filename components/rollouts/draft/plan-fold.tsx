'use client';

import { Button, SegmentedControl } from '@mantine/core';
import { Fold } from '../../ui/fold.tsx';
import { Icon } from '../../ui/icon.tsx';
import { ComparedFields } from './compared-fields.tsx';
import { addWave, hasLabels, type PlanDraft } from './draft.ts';
import { NumberField } from './number-field.tsx';
import classes from './plan-fold.module.css';
import { planSentence } from './sentences.ts';
import type { DraftState } from './use-draft.ts';
import { WaveFields } from './wave-fields.tsx';

/** Waves a plan may have. */
const MAX_WAVES = 50;

const HEADS = ['Wave', 'Size', 'Bakes', 'Must serve', 'May fail', 'Errors ≤', 'Accuracy ≥'];

/** The waves with what each must show, what a failure does, and how long a device may take. */
export function PlanFold({ draft }: { draft: DraftState }) {
  const { plan, problems, release, changePlan } = draft;
  const isLabelled = hasLabels(release);
  const isWrong =
    problems.timeout !== null ||
    Object.keys(problems.compared).length > 0 ||
    problems.waves.some((wave) => Object.keys(wave).length > 0);
  const setWaves = (waves: PlanDraft['waves']) => changePlan({ waves });
  return (
    <Fold title="Plan" sentence={planSentence(plan)} isForcedOpen={isWrong}>
      <div className={classes.waves} data-labelled={isLabelled}>
        <div className={classes.heads} aria-hidden="true">
          {HEADS.filter((head) => isLabelled || head !== 'Accuracy ≥').map((head) => (
            <span key={head}>{head}</span>
          ))}
        </div>
        <ol>
          {plan.waves.map((wave, i) => (
            <WaveFields
              key={wave.id}
              wave={wave}
              place={i + 1}
              isLabelled={isLabelled}
              problems={problems.waves[i] ?? {}}
              onChange={(change) =>
                setWaves(plan.waves.map((each) => (each.id === wave.id ? { ...each, ...change } : each)))
              }
              onRemove={
                plan.waves.length > 1 ? () => setWaves(plan.waves.filter((each) => each.id !== wave.id)) : undefined
              }
            />
          ))}
        </ol>
        <Button
          variant="quiet"
          leftSection={<Icon name="plus" size={14} />}
          disabled={plan.waves.length >= MAX_WAVES}
          onClick={() => setWaves(addWave(plan.waves))}
        >
          Add a wave
        </Button>
      </div>
      <p className={classes.note}>
        Sizes count up: 50 % after 10 % adds 40 %. The last wave takes whoever is left. The last columns are gates,
        judged while a wave bakes; a proven breach rolls back. An empty gate is not judged.
      </p>
      <ComparedFields draft={draft} isLabelled={isLabelled} />
      <div className={classes.ends}>
        <div>
          <span className={classes.label} id="on-errors">
            When too many devices fail
          </span>
          <SegmentedControl
            className={classes.tall ?? ''}
            withItemsBorders={false}
            aria-labelledby="on-errors"
            value={plan.onErrors}
            onChange={(next) => changePlan({ onErrors: next as PlanDraft['onErrors'] })}
            data={[
              { value: 'pause', label: 'Pause' },
              { value: 'roll-back', label: 'Roll back' },
            ]}
          />
        </div>
        <NumberField
          label="Time for one device"
          unit="min"
          value={plan.timeoutMinutes}
          onChange={(timeoutMinutes) => changePlan({ timeoutMinutes })}
          error={problems.timeout}
        />
      </div>
    </Fold>
  );
}
