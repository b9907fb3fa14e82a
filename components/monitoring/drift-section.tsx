'use client';

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { DriftView } from '@/server/queries/drift.ts';
import { TableToggle } from '../charts/table-toggle.tsx';
import { useForbidden } from '../console/access.tsx';
import { ToneWord } from '../status/status.tsx';
import { useTRPC } from '../trpc/client.ts';
import { ConfirmButton } from '../ui/confirm-button.tsx';
import { entityColor } from '../ui/entity-color.ts';
import { formatCount, plural } from '../ui/format.ts';
import { QueryView } from '../ui/query-view.tsx';
import { Section } from '../ui/section.tsx';
import { SkeletonRows } from '../ui/skeleton.tsx';
import { EmptyState } from '../ui/states.tsx';
import { Age, Clock } from '../ui/time.tsx';
import { useOrg } from '../ui/use-org.ts';
import { DriftTable } from './drift-table.tsx';
import { Histogram } from './histogram.tsx';
import classes from './monitoring.module.css';
import { driftSentence, featureTitle, referenceSentence, stateWords } from './words.ts';

/** Small multiples shown before "all". */
const FIRST = 8;

/** `deviceId` absent: the whole fleet. */
export type MonitoredProps = { model: string; version: string; deviceId?: string };

/** What a version sees and answers now, beside what it was made for. */
export function DriftSection({ model, version, deviceId }: MonitoredProps) {
  const { org } = useOrg();
  const trpc = useTRPC();
  const query = useQuery(
    trpc.monitoring.drift.queryOptions({ org, model, version, ...(deviceId ? { deviceId } : {}) }),
  );
  const [isTable, setTable] = useState(false);
  const view = query.data;
  return (
    <Section
      title="Drift"
      sentence={view && driftSentence(view)}
      end={
        view?.window && (
          <TableToggle isTable={isTable} of="drift of each distribution" onToggle={() => setTable((is) => !is)} />
        )
      }
    >
      <QueryView query={query} what="Drift" skeleton={<SkeletonRows columns={4} rows={2} height={60} />}>
        {(data) => (
          <>
            <Features
              view={data}
              isTable={isTable}
              color={entityColor(`${model}@${version}`)}
              isOfDevice={deviceId !== undefined}
            />
            <ReferenceNote view={data} model={model} version={version} />
          </>
        )}
      </QueryView>
    </Section>
  );
}

type FeaturesProps = { view: DriftView; isTable: boolean; color: string; isOfDevice: boolean };

function Features({ view, isTable, color, isOfDevice }: FeaturesProps) {
  const [isAll, setAll] = useState(false);
  const { features, window, reference, gathering } = view;
  if (features.length === 0) {
    const learning = reference?.learning;
    return (
      <EmptyState
        title={learning && learning.hours > 0 ? 'A reference is being learned' : 'Nothing to compare with yet'}
      >
        {learning && learning.hours > 0
          ? `${plural(learning.hours, 'good hour')} of ${learning.needHours} and ${plural(learning.samples, 'sample')} of ${formatCount(learning.needSamples)} are there. Drift is judged from then on.`
          : 'Devices that serve this version count what comes in and what they answer, and a reference is learned from the first good day. To have one at once, register a version with a reference file, or with a file of samples to make it from.'}
      </EmptyState>
    );
  }
  if (!window)
    return (
      <EmptyState title="Not enough data yet">
        {`${plural(gathering.samples, 'sample')} of ${gathering.needed} were counted ${isOfDevice ? 'on this device' : 'over the fleet'}. Hours are joined until there are enough; the first is judged five minutes after its end.`}
      </EmptyState>
    );
  if (isTable) return <DriftTable view={view} />;
  const shown = isAll ? features : features.slice(0, FIRST);
  return (
    <>
      <p className={classes.legend}>
        <span className={classes.keyLine} /> reference
        <span className={classes.keyBar} style={{ background: color }} /> <Clock at={window.from} style="minute" />–
        <Clock at={window.to} style="minute" />
      </p>
      <ul className={classes.multiples}>
        {shown.map((feature) => {
          const { word, glyph, tone } = stateWords[feature.state];
          const effect = feature.numbers ? feature.numbers.effect.toFixed(2) : null;
          return (
            <li key={`${feature.kind}/${feature.name}`} className={classes.multiple}>
              <div className={classes.multipleHead}>
                <h3 className={classes.name} title={featureTitle(feature)}>
                  {featureTitle(feature)}
                </h3>
                <span className={classes.effect}>{effect ?? ''}</span>
              </div>
              <Histogram
                reference={feature.referenceShares}
                current={feature.currentShares}
                color={color}
                label={`${featureTitle(feature)}: ${word}${effect === null ? '' : `, distance ${effect} from the reference`}`}
              />
              <div className={classes.state}>
                <ToneWord glyph={glyph} tone={tone}>
                  {feature.finding ? `${feature.finding.severity} drift` : word}
                </ToneWord>
                {feature.finding && (
                  <span className={classes.dim}>
                    <Age at={feature.finding.since} before="for " />
                  </span>
                )}
              </div>
            </li>
          );
        })}
      </ul>
      {features.length > FIRST && (
        <button type="button" className={classes.more} onClick={() => setAll((is) => !is)}>
          {isAll ? 'Show fewer' : `Show all ${features.length}`}
        </button>
      )}
    </>
  );
}

function ReferenceNote({ view: { reference, features, past }, model, version }: { view: DriftView } & MonitoredProps) {
  const { org } = useOrg();
  const trpc = useTRPC();
  const client = useQueryClient();
  const forbidden = useForbidden('models:write');
  const reset = useMutation(
    trpc.monitoring.resetReference.mutationOptions({
      onSuccess: () => client.invalidateQueries({ queryKey: trpc.monitoring.drift.queryKey() }),
    }),
  );
  if (!reference || features.length === 0) return null;
  const isLearned = features.some((feature) => feature.isLearned);
  const [last] = past;
  return (
    <div className={classes.note}>
      <p>
        {referenceSentence(reference)} The number is the Jensen–Shannon distance, 0 to 1, net of what chance gives; from
        0.10 on, in two of three windows and beyond chance, it is drift.
        {last?.closedAt && (
          <>
            {` Last over: ${featureTitle({ kind: last.kind, name: last.feature })} `}
            <Age at={last.closedAt} after=" ago" />.
          </>
        )}
      </p>
      {isLearned && (
        <ConfirmButton
          label="Learn anew…"
          variant="quiet"
          forbidden={forbidden}
          consequence={`What was learned of ${model} ${version} is forgotten, open findings end, and nothing is judged by it until a new good day is there.`}
          confirmLabel="Learn the reference anew"
          onConfirm={() => reset.mutateAsync({ org, model, version })}
        />
      )}
      {reference.learning && (
        <p className={classes.dim}>
          {`Learning: ${plural(reference.learning.hours, 'good hour')} of ${reference.learning.needHours}, ${plural(reference.learning.samples, 'sample')}.`}
        </p>
      )}
    </div>
  );
}
