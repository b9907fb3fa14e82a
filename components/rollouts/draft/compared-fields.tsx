'use client';

import type { ComparedDraft } from './draft.ts';
import { NumberField } from './number-field.tsx';
import classes from './plan-fold.module.css';
import type { DraftState } from './use-draft.ts';

const FIELDS: { key: keyof ComparedDraft; label: string; unit: string; step: number; isOfLabels?: boolean }[] = [
  { key: 'p95', label: 'Latency p95 at most', unit: '×', step: 0.1 },
  { key: 'errors', label: 'Errors at most', unit: '×', step: 0.1 },
  { key: 'energy', label: 'Energy at most', unit: '×', step: 0.1 },
  { key: 'accuracyLoss', label: 'Accuracy lost at most', unit: 'pt', step: 1, isOfLabels: true },
];

type ComparedFieldsProps = { draft: DraftState; isLabelled: boolean };

/** Gates of every wave against what the same devices did before they moved. */
export function ComparedFields({ draft: { plan, problems, changePlan }, isLabelled }: ComparedFieldsProps) {
  return (
    <fieldset className={classes.compared}>
      <legend className={classes.label}>Every wave, against the same devices before</legend>
      <div>
        {FIELDS.filter(({ isOfLabels }) => isLabelled || !isOfLabels).map(({ key, label, unit, step }) => (
          <NumberField
            key={key}
            label={label}
            unit={unit}
            step={step}
            placeholder="none"
            value={plan.compared[key]}
            onChange={(value) => changePlan({ compared: { ...plan.compared, [key]: value } })}
            error={problems.compared[key]}
          />
        ))}
      </div>
    </fieldset>
  );
}
