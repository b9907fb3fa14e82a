'use client';

import { Button, Checkbox } from '@mantine/core';
import { Choice } from '../../ui/choice.tsx';
import { Fold } from '../../ui/fold.tsx';
import { Icon } from '../../ui/icon.tsx';
import type { PlanDraft } from './plan-draft.ts';
import { wavesSentence } from './sentences.ts';
import type { DraftState } from './use-draft.ts';
import { addWave } from './wave-draft.ts';
import { WaveFields } from './wave-fields.tsx';
import classes from './waves-fold.module.css';

/** Waves a plan may have. */
const MAX_WAVES = 50;

const HEADS = ['Wave', 'Size', 'Bakes', 'Must serve', 'May fail', 'Approval', ''];

const ON_ERRORS: { value: PlanDraft['onErrors']; label: string }[] = [
  { value: 'pause', label: 'Pause' },
  { value: 'roll-back', label: 'Roll back' },
];

/** The waves with what each must show and who lets it start, and what too many failures do. */
export function WavesFold({ draft }: { draft: DraftState }) {
  const { plan, problems, changePlan } = draft;
  const isWrong = problems.waves.some((wave) => Object.keys(wave).length > 0);
  const setWaves = (waves: PlanDraft['waves']) => changePlan({ waves });
  return (
    <Fold title="Waves" sentence={wavesSentence(plan)} isForcedOpen={isWrong}>
      <div className={classes.waves}>
        <div className={classes.heads} aria-hidden="true">
          {HEADS.map((head) => (
            <span key={head}>{head}</span>
          ))}
        </div>
        <ol>
          {plan.waves.map((wave, i) => (
            <WaveFields
              key={wave.id}
              wave={wave}
              place={i + 1}
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
        Sizes count up: 50 % after 10 % adds 40 %. Labels take the devices that no wave before took; the last wave takes
        whoever is left. Shares are of the devices that finished or can be reached.
      </p>
      <div className={classes.foot}>
        <Choice
          label="When too many devices fail"
          value={plan.onErrors}
          options={ON_ERRORS}
          onChange={(onErrors) => changePlan({ onErrors })}
        />
        <Checkbox
          label="A second person must approve the rollout before it starts"
          checked={plan.fourEyes}
          onChange={(event) => changePlan({ fourEyes: event.currentTarget.checked })}
        />
      </div>
    </Fold>
  );
}
