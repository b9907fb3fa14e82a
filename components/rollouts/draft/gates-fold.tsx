'use client';

import { Button, Checkbox, SegmentedControl } from '@mantine/core';
import { useState } from 'react';
import { Fold } from '../../ui/fold.tsx';
import { Icon } from '../../ui/icon.tsx';
import { freshGate, type GateDraft } from './gate-draft.ts';
import { GateFields } from './gate-fields.tsx';
import classes from './gates-fold.module.css';
import { gatesSentence } from './sentences.ts';
import type { DraftState } from './use-draft.ts';

/** Gates a wave may have. */
const MAX_GATES = 10;

/** What a wave must show while it bakes: any metric against a value, the same devices before, or devices that have not moved. */
export function GatesFold({ draft }: { draft: DraftState }) {
  const { plan, problems, changePlan } = draft;
  const [chosen, setChosen] = useState(0);
  const place = plan.areGatesShared ? 0 : Math.min(chosen, plan.waves.length - 1);
  const gates = plan.waves[place]?.gates ?? [];
  const isWrong = problems.gates.some((list) => list.some((gate) => Object.keys(gate).length > 0));
  const setGates = (next: GateDraft[]) =>
    changePlan({
      waves: plan.waves.map((wave, i) => (plan.areGatesShared || i === place ? { ...wave, gates: next } : wave)),
    });

  function share(areGatesShared: boolean) {
    const waves = areGatesShared ? plan.waves.map((wave) => ({ ...wave, gates })) : plan.waves;
    changePlan({ areGatesShared, waves });
  }

  return (
    <Fold title="Gates" sentence={gatesSentence(plan)} isForcedOpen={isWrong}>
      <div className={classes.head}>
        <Checkbox
          label="The same for every wave"
          checked={plan.areGatesShared}
          onChange={(event) => share(event.currentTarget.checked)}
        />
        {!plan.areGatesShared && plan.waves.length > 1 && (
          <SegmentedControl
            withItemsBorders={false}
            aria-label="Wave whose gates are edited"
            value={String(place)}
            onChange={(next) => setChosen(Number(next))}
            data={plan.waves.map(({ name }, i) => ({ value: String(i), label: name || `Wave ${i + 1}` }))}
          />
        )}
      </div>
      {gates.length > 0 && (
        <ul>
          {gates.map((gate, i) => (
            <GateFields
              key={gate.id}
              gate={gate}
              place={i + 1}
              problems={problems.gates[place]?.[i] ?? {}}
              onChange={(next) => setGates(gates.map((each) => (each.id === gate.id ? next : each)))}
              onRemove={() => setGates(gates.filter((each) => each.id !== gate.id))}
            />
          ))}
        </ul>
      )}
      <Button
        variant="quiet"
        leftSection={<Icon name="plus" size={14} />}
        disabled={gates.length >= MAX_GATES}
        onClick={() => setGates([...gates, freshGate(nextId(gates), { metric: 'latency_p95', compare: 'absolute' })])}
      >
        Add a gate
      </Button>
      <p className={classes.note}>
        A gate breaches only when the evidence proves it, however often it is looked at. It passes at the end of the
        bake unless it lacks evidence; each says what happens then.
      </p>
    </Fold>
  );
}

function nextId(gates: readonly GateDraft[]): number {
  return Math.max(-1, ...gates.map(({ id }) => id)) + 1;
}
