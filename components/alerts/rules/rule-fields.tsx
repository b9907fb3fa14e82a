'use client';

import { Checkbox, MultiSelect, NumberInput, SegmentedControl, Select, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { severities } from '@/server/domain/alerts/rule.ts';
import { statusEntry } from '../../status/registry.ts';
import { useTRPC } from '../../trpc/client.ts';
import { Choice } from '../../ui/choice.tsx';
import { SectionHead } from '../../ui/section.tsx';
import { useOrg } from '../../ui/use-org.ts';
import { ConditionFields } from './condition-fields.tsx';
import { type ConditionKind, conditionOf, type FieldsProps, KINDS, type RuleDraft } from './rule-draft.ts';
import classes from './rule-fields.module.css';

const NO_DATA = [
  { value: 'ok', label: 'Good' },
  { value: 'alert', label: 'Bad' },
  { value: 'keep', label: 'As it was' },
] as const;

/** Everything that makes a rule, in the order in which a person thinks of it: what, how long, how loud, to whom. */
export function RuleFields({ draft, onChange, problems, isNew }: FieldsProps & { isNew: boolean }) {
  const change = (fields: Partial<RuleDraft>) => onChange({ ...draft, ...fields });
  const { condition } = draft;
  return (
    <div className={classes.parts}>
      <div className={classes.pair}>
        <TextInput
          label="Name"
          placeholder="Press line is slow"
          value={draft.name}
          onChange={(event) => change({ name: event.currentTarget.value })}
          error={problems.get('name') ?? null}
          maxLength={100}
          autoComplete="off"
        />
        <Choice
          label="Severity"
          options={severities.map((value) => ({ value, label: statusEntry('severity', value).word }))}
          value={draft.severity}
          onChange={(severity) => change({ severity })}
        />
      </div>
      <section className={classes.part}>
        <SectionHead title="It fires when" />
        {isNew && (
          <SegmentedControl
            className={classes.kinds ?? ''}
            aria-label="What the rule looks at"
            withItemsBorders={false}
            data={KINDS}
            value={condition.kind}
            onChange={(kind) => change({ condition: conditionOf(kind as ConditionKind) })}
          />
        )}
        <ConditionFields draft={draft} onChange={onChange} problems={problems} />
      </section>
      <section className={classes.part}>
        <SectionHead title="For how long" sentence="so that one bad moment is no alert, and one good moment no end" />
        <div className={classes.row}>
          <Minutes
            label="Bad for"
            value={draft.pendingS}
            onChange={(pendingS) => change({ pendingS })}
            help="0 fires at once"
          />
          <Minutes
            label="Good again for"
            value={draft.clearS}
            onChange={(clearS) => change({ clearS })}
            help="before it is over"
          />
          {condition.kind === 'metric' && (
            <Choice
              label="Without data it is"
              options={NO_DATA}
              value={draft.noData}
              onChange={(noData) => change({ noData })}
            />
          )}
        </div>
      </section>
      <Telling draft={draft} change={change} problems={problems} />
    </div>
  );
}

type TellingProps = {
  draft: RuleDraft;
  change: (fields: Partial<RuleDraft>) => void;
  problems: ReadonlyMap<string, string>;
};

function Telling({ draft, change, problems }: TellingProps) {
  const { org } = useOrg();
  const trpc = useTRPC();
  const channels = useQuery(trpc.alerts.channels.queryOptions({ org }));
  const all = channels.data ?? [];
  const webhooks = all.filter(({ settings }) => settings.kind === 'webhook');
  const isDevices =
    draft.condition.kind === 'offline' ||
    draft.condition.kind === 'certificate' ||
    ('per' in draft.condition && draft.condition.per === 'device');
  return (
    <section className={classes.part}>
      <SectionHead
        title="Who is told"
        sentence={
          all.length === 0 ? 'there is no channel yet: the console alone shows it' : 'and how it is put together'
        }
      />
      <Checkbox
        label="Every channel"
        checked={draft.channelIds === null}
        onChange={(event) => change({ channelIds: event.currentTarget.checked ? null : [] })}
      />
      {draft.channelIds !== null && (
        <MultiSelect
          label="Channels"
          placeholder={draft.channelIds.length === 0 ? 'Nobody' : ''}
          data={all.map(({ id, name }) => ({ value: id, label: name }))}
          value={draft.channelIds}
          onChange={(channelIds) => change({ channelIds })}
          error={problems.get('channelIds') ?? null}
        />
      )}
      <div className={classes.pair}>
        {isDevices && (
          <TextInput
            label="One alert for each"
            description="A label, such as site; empty makes one alert of all devices."
            placeholder="All devices together"
            value={draft.groupLabel ?? ''}
            onChange={(event) => change({ groupLabel: event.currentTarget.value || null })}
            error={problems.get('groupLabel') ?? null}
            autoComplete="off"
            spellCheck={false}
          />
        )}
        <Select
          label="Ask for training"
          description="A webhook that gets the evidence: metric, times, version, devices."
          placeholder={webhooks.length === 0 ? 'Add a webhook first' : 'Nobody'}
          data={webhooks.map(({ id, name }) => ({ value: id, label: name }))}
          value={draft.retrainChannelId}
          onChange={(retrainChannelId) => change({ retrainChannelId })}
          disabled={webhooks.length === 0}
          clearable
        />
      </div>
    </section>
  );
}

const MINUTE_S = 60;

function Minutes({
  label,
  value,
  onChange,
  help,
}: {
  label: string;
  value: number;
  onChange: (seconds: number) => void;
  help: string;
}) {
  return (
    <NumberInput
      label={label}
      description={help}
      suffix=" min"
      value={value / MINUTE_S}
      onChange={(next) => onChange(typeof next === 'number' ? Math.round(next * MINUTE_S) : 0)}
      min={0}
      max={10_080}
      allowNegative={false}
      hideControls
    />
  );
}
