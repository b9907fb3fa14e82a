'use client';

import { Checkbox, NumberInput, Select, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import {
  type AlertCondition,
  alertMetrics,
  isBoardMetric,
  type MetricCondition,
  rolloutEvents,
  windowsS,
} from '@/server/domain/alerts/condition.ts';
import { durationText, metricWords, rolloutEventWords } from '@/server/domain/alerts/words.ts';
import { useTRPC } from '../../trpc/client.ts';
import { Choice } from '../../ui/choice.tsx';
import { useOrg } from '../../ui/use-org.ts';
import { type FieldsProps, fromTyped, scaleOf } from './rule-draft.ts';
import classes from './rule-fields.module.css';

/** What a rule looks for, by its kind. */
export function ConditionFields({ draft, onChange, problems }: FieldsProps) {
  const { condition } = draft;
  const set = (next: AlertCondition) => onChange({ ...draft, condition: next });
  const problem = (field: string) => problems.get(`condition.${field}`) ?? null;
  switch (condition.kind) {
    case 'metric':
      return <MetricFields condition={condition} set={set} problem={problem} />;
    case 'offline':
      return (
        <div className={classes.pair}>
          <Selector condition={condition} set={set} problem={problem} />
          <Amount
            label="Not heard for more than"
            unit="min"
            value={condition.afterS / 60}
            onChange={(minutes) => set({ ...condition, afterS: Math.round(minutes * 60) })}
            error={problem('afterS')}
          />
        </div>
      );
    case 'certificate':
      return (
        <div className={classes.pair}>
          <Selector condition={condition} set={set} problem={problem} />
          <Amount
            label="Certificate ends within"
            unit="days"
            value={condition.withinDays}
            onChange={(withinDays) => set({ ...condition, withinDays })}
            error={problem('withinDays')}
          />
        </div>
      );
    case 'rollout':
      return (
        <Checkbox.Group
          label="A rollout"
          value={condition.events}
          onChange={(chosen) => set({ ...condition, events: rolloutEvents.filter((event) => chosen.includes(event)) })}
          error={problem('events')}
        >
          {rolloutEvents.map((event) => (
            <Checkbox
              key={event}
              value={event}
              label={event === 'paused' ? 'is paused' : rolloutEventWords[event]}
              mt={6}
            />
          ))}
        </Checkbox.Group>
      );
    case 'drift':
      return (
        <div className={classes.pair}>
          <Selector condition={condition} set={set} problem={problem} />
          <Amount
            label="Features that drift at once"
            unit=""
            value={condition.features}
            onChange={(features) => set({ ...condition, features: Math.round(features) })}
            error={problem('features')}
          />
        </div>
      );
  }
}

type PartProps<C extends AlertCondition> = {
  condition: C;
  set: (condition: AlertCondition) => void;
  problem: (field: string) => string | null;
};

const PER = [
  { value: 'device', label: 'Each device' },
  { value: 'version', label: 'Each version' },
  { value: 'together', label: 'All together' },
] as const;

const OPS = [
  { value: 'above', label: 'above' },
  { value: 'below', label: 'below' },
] as const;

function MetricFields({ condition, set, problem }: PartProps<MetricCondition>) {
  const { metric, per, op, compare, limit, clearAt, windowS, minSamples } = condition;
  const isBoard = isBoardMetric(metric);
  const isFactor = compare === 'day-before';
  const { factor, unit } = isFactor ? { factor: 1, unit: 'times' } : scaleOf(metric);
  const change = (fields: Partial<MetricCondition>) => set({ ...condition, ...fields });
  return (
    <>
      <div className={classes.pair}>
        <Select
          label="Metric"
          data={alertMetrics.map((value) => ({ value, label: metricWords[value].name }))}
          value={metric}
          allowDeselect={false}
          searchable
          onChange={(value) => {
            const next = alertMetrics.find((each) => each === value) ?? metric;
            const board = isBoardMetric(next);
            const isLow = next === 'disk_free_share' || next === 'accuracy' || next === 'throughput_per_s';
            change({
              metric: next,
              op: isLow ? 'below' : 'above',
              clearAt: null,
              ...(board && { per: 'device', compare: 'value', versionId: null, minSamples: 0 }),
            });
          }}
        />
        <Choice
          label="Looked at"
          options={PER.map((each) => ({ ...each, disabled: isBoard && each.value !== 'device' }))}
          value={per}
          onChange={(value) => change({ per: value })}
        />
      </div>
      <div className={classes.row}>
        <Choice label="Is" options={OPS} value={op} onChange={(value) => change({ op: value, clearAt: null })} />
        <Amount
          label="Limit"
          unit={unit}
          value={Number((limit * factor).toPrecision(12))}
          onChange={(value) => change({ limit: fromTyped(value, factor) })}
          error={problem('limit')}
        />
        <NumberInput
          label="Good again at"
          placeholder="the limit"
          suffix={` ${unit}`}
          value={clearAt === null ? '' : Number((clearAt * factor).toPrecision(12))}
          onChange={(value) => change({ clearAt: typeof value === 'number' ? fromTyped(value, factor) : null })}
          error={problem('clearAt')}
          hideControls
        />
        <Select
          label="Over the last"
          data={windowsS.map((value) => ({ value: String(value), label: durationText(value) }))}
          value={String(windowS)}
          allowDeselect={false}
          disabled={isBoard}
          onChange={(value) => change({ windowS: windowsS.find((each) => String(each) === value) ?? windowS })}
        />
      </div>
      <div className={classes.row}>
        <Select
          label="Compared with"
          data={[
            { value: 'value', label: 'The limit itself' },
            { value: 'day-before', label: 'The day before' },
          ]}
          value={compare}
          allowDeselect={false}
          disabled={isBoard}
          onChange={(value) =>
            change(
              value === 'day-before'
                ? { compare: value, limit: 2, clearAt: 1.5, op: 'above' }
                : { compare: 'value', clearAt: null },
            )
          }
        />
        <Amount
          label="From so many observations on"
          unit=""
          value={minSamples}
          onChange={(value) => change({ minSamples: Math.round(value) })}
          error={problem('minSamples')}
        />
      </div>
      <div className={classes.pair}>
        <Selector condition={condition} set={set} problem={problem} />
        {!isBoard && <VersionField versionId={condition.versionId} onChange={(versionId) => change({ versionId })} />}
      </div>
    </>
  );
}

function VersionField({ versionId, onChange }: { versionId: string | null; onChange: (id: string | null) => void }) {
  const { org } = useOrg();
  const trpc = useTRPC();
  const versions = useQuery(trpc.alerts.versions.queryOptions({ org }));
  return (
    <Select
      label="Version"
      description="Only what this version does."
      placeholder="Every version"
      data={(versions.data ?? []).map(({ id, name }) => ({ value: id, label: name }))}
      value={versionId}
      onChange={onChange}
      clearable
      searchable
    />
  );
}

type Selecting = Extract<AlertCondition, { selector: string }>;

function Selector({ condition, set, problem }: PartProps<Selecting>) {
  return (
    <TextInput
      label="Devices"
      description="Labels, such as site=oslo,stage in (canary,prod)."
      placeholder="Every device"
      value={condition.selector}
      onChange={(event) => set({ ...condition, selector: event.currentTarget.value })}
      error={problem('selector')}
      autoComplete="off"
      spellCheck={false}
    />
  );
}

type AmountProps = {
  label: string;
  unit: string;
  value: number;
  onChange: (value: number) => void;
  error: string | null;
};

function Amount({ label, unit, value, onChange, error }: AmountProps) {
  return (
    <NumberInput
      label={label}
      {...(unit && { suffix: ` ${unit}` })}
      value={value}
      onChange={(next) => typeof next === 'number' && onChange(next)}
      error={error}
      allowNegative={false}
      hideControls
    />
  );
}
