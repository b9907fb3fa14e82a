'use client';

import { Button } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { PowerAnswer, PowerInput } from '@/server/services/rollouts/plan-power.ts';
import { useTRPC } from '../../trpc/client.ts';
import { Fold } from '../../ui/fold.tsx';
import { formatDuration, NBSP, plural } from '../../ui/format.ts';
import { problemOf } from '../../ui/problem.ts';
import { SkeletonRows } from '../../ui/skeleton.tsx';
import { useOrg } from '../../ui/use-org.ts';
import { gateName, gateWord } from '../live/words.ts';
import type { Field } from './field.ts';
import { NumberField } from './number-field.tsx';
import { PickOne } from './pick-one.tsx';
import type { PlanDraft } from './plan-draft.ts';
import classes from './planner-fold.module.css';
import type { DraftState } from './use-draft.ts';

const METRICS = (['latency_p95', 'latency_p50', 'latency_p99', 'energy_mj', 'power_w', 'rss_mb'] as const).map(
  (value) => ({ value, label: gateWord(value) }),
);
const TYPING_MS = 400;
/** The variance of a fleet changes slowly. */
const FRESH_MS = 300_000;
const POWER_PERCENT = 90;

/** What the first wave can show: how many canaries and how long a bake find a regression on this fleet's own variance. */
export function PlannerFold({ draft }: { draft: DraftState }) {
  const { org } = useOrg();
  const trpc = useTRPC();
  const { plan, problems, changePlan } = draft;
  const [metric, setMetric] = useState<PowerInput['metric']>('latency_p95');
  const [worse, setWorse] = useState<Field>(50);
  const limit = limitOf(plan, metric);
  const asked = {
    selector: plan.selector.trim(),
    slot: plan.slot.trim(),
    metric,
    regressionPercent: worse ?? 0,
    limit,
  };
  const [settled] = useDebouncedValue(JSON.stringify(asked), TYPING_MS);
  const isAsked = draft.isReady && worse !== null && worse > 0 && worse <= 1000 && !problems.plan.selector;
  const query = useQuery(
    trpc.rollouts.canaries.queryOptions(
      { org, ...(JSON.parse(settled) as typeof asked), powerPercent: POWER_PERCENT },
      { enabled: isAsked, staleTime: FRESH_MS, refetchInterval: false, placeholderData: keepPreviousData },
    ),
  );
  const answer = isAsked ? query.data : undefined;
  const use = (devices: number, bakeSeconds: number) =>
    changePlan({
      waves: plan.waves.map((wave, i) =>
        i === 0 ? { ...wave, unit: 'count', amount: devices, bakeMinutes: Math.ceil(bakeSeconds / 60) } : wave,
      ),
    });
  return (
    <Fold title="Canaries" sentence={sentenceOf(answer, metric, worse)}>
      <div className={classes.fields}>
        <PickOne label="Metric" value={metric} options={METRICS} onChange={setMetric} />
        <NumberField label="Worse by" unit="%" value={worse} onChange={setWorse} />
      </div>
      {query.error && isAsked && <p className={classes.dim}>{problemOf(query.error).sentence}</p>}
      {isAsked && !answer && !query.error && <SkeletonRows rows={3} columns={3} height={28} />}
      {answer && answer.plans.length > 0 && (
        <table className={classes.table}>
          <thead>
            <tr>
              <th scope="col">Canaries</th>
              <th scope="col">Bake</th>
              <th scope="col">
                <span className={classes.said}>Take over</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {answer.plans.map(({ devices, bakeSeconds }) => (
              <tr key={bakeSeconds}>
                <td>{plural(devices, 'device')}</td>
                <td>{formatDuration(bakeSeconds * 1000)}</td>
                <td>
                  <Button
                    variant="link"
                    aria-label={`Use for wave 1: ${plural(devices, 'canary', 'canaries')}, bake ${formatDuration(bakeSeconds * 1000)}`}
                    onClick={() => use(devices, bakeSeconds)}
                  >
                    Use for wave 1
                  </Button>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {answer && <p className={classes.note}>{basisOf(answer, limit)}</p>}
    </Fold>
  );
}

/** The gate that compares this metric with before; without one, anything worse is beyond the limit. */
function limitOf({ waves }: PlanDraft, metric: PowerInput['metric']): number {
  const gate = waves[0]?.gates.find((each) => each.metric === metric && each.compare !== 'absolute');
  return Math.min(10, Math.max(0.1, gate?.limit ?? 1));
}

function sentenceOf(answer: PowerAnswer | undefined, metric: PowerInput['metric'], worse: Field): string {
  if (!answer || worse === null) return 'How many, and how long they bake, to see what is worse.';
  const [fastest] = answer.plans;
  const what = `${gateName({ metric, compare: 'absolute' })} ${worse}${NBSP}% worse`;
  if (!fastest) return `No bake within a day would show ${what} on ${plural(answer.targets, 'device')}.`;
  const fewest = answer.plans.at(-1) ?? fastest;
  const one = `${plural(fewest.devices, 'canary', 'canaries')} and ${formatDuration(fewest.bakeSeconds * 1000)} of bake`;
  return `${one} show ${what}, in ${POWER_PERCENT} of 100 cases.`;
}

function basisOf({ measured, targets }: PowerAnswer, limit: number): string {
  const beyond = limit === 1 ? '' : ` The gate allows × ${limit.toFixed(2)}; only what goes beyond can be found.`;
  if (measured.devices === 0)
    return `None of ${plural(targets, 'device')} has served long enough to measure, so the usual spread is assumed: ${measured.usualChangePercent} % of a device against itself.${beyond}`;
  return `From ${plural(measured.devices, 'device')} of ${targets}: one differs from itself by ${measured.usualChangePercent} %, a window by ${measured.windowPercent} %.${beyond}`;
}
