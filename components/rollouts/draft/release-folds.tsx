'use client';

import { SegmentedControl, TextInput } from '@mantine/core';
import { Fold } from '../../ui/fold.tsx';
import classes from './fields.module.css';
import { NumberField } from './number-field.tsx';
import type { ReleaseDraft } from './release-draft.ts';
import { inputSentence, proofSentence } from './sentences.ts';
import type { DraftState } from './use-draft.ts';

const SOURCES: { value: ReleaseDraft['source']; label: string }[] = [
  { value: 'http', label: 'Requests over HTTP' },
  { value: 'synthetic', label: 'Synthetic vibration' },
  { value: 'folder', label: 'Files in a folder' },
];

/** Where the model's inputs come from on each device, and how it runs there. */
export function InputFold({ draft }: { draft: DraftState }) {
  const { release, problems, changeRelease, takenFrom, names } = draft;
  const wrong = problems.release;
  const isWrong = ['ratePerS', 'speedRpm', 'noise', 'drift', 'path', 'threads'].some((key) => key in wrong);
  return (
    <Fold title="Input" sentence={inputSentence(release)} isForcedOpen={isWrong}>
      {takenFrom && (
        <p className={classes.note}>{`Taken from the release of ${names.model} ${takenFrom} in service.`}</p>
      )}
      <SegmentedControl
        withItemsBorders={false}
        className={classes.choice ?? ''}
        aria-label="Where inputs come from"
        data={SOURCES}
        value={release.source}
        onChange={(next) => changeRelease({ source: next as ReleaseDraft['source'] })}
      />
      <div className={classes.grid}>
        {release.source === 'folder' && (
          <TextInput
            label="Folder on the device"
            value={release.path}
            onChange={(event) => changeRelease({ path: event.currentTarget.value })}
            error={wrong.path}
            spellCheck={false}
          />
        )}
        {release.source !== 'http' && (
          <NumberField
            label="Inputs a second"
            value={release.ratePerS}
            onChange={(ratePerS) => changeRelease({ ratePerS })}
            error={wrong.ratePerS}
          />
        )}
        {release.source === 'synthetic' && (
          <>
            <NumberField
              label="Speed"
              unit="rpm"
              step={100}
              value={release.speedRpm}
              onChange={(speedRpm) => changeRelease({ speedRpm })}
              error={wrong.speedRpm}
            />
            <NumberField
              label="Noise"
              step={0.1}
              value={release.noise}
              onChange={(noise) => changeRelease({ noise })}
              error={wrong.noise}
            />
            <NumberField
              label="Drift"
              step={0.1}
              value={release.drift}
              onChange={(drift) => changeRelease({ drift })}
              error={wrong.drift}
            />
          </>
        )}
        <NumberField
          label="Threads"
          placeholder="by device"
          value={release.threads}
          onChange={(threads) => changeRelease({ threads })}
          error={wrong.threads}
        />
      </div>
    </Fold>
  );
}

/** What each device must measure on itself before it serves the release. */
export function ProofFold({ draft }: { draft: DraftState }) {
  const { release, problems, changeRelease } = draft;
  const wrong = problems.release;
  const isWrong = ['tolerance', 'maxLatencyP95Ms', 'minAccuracy'].some((key) => key in wrong);
  return (
    <Fold title="Proof" sentence={proofSentence(release)} isForcedOpen={isWrong}>
      <div className={classes.grid}>
        <NumberField
          label="p95 at most"
          unit="ms"
          placeholder="no limit"
          value={release.maxLatencyP95Ms}
          onChange={(maxLatencyP95Ms) => changeRelease({ maxLatencyP95Ms })}
          error={wrong.maxLatencyP95Ms}
        />
        <NumberField
          label="Accuracy at least"
          unit="%"
          placeholder="no limit"
          value={release.minAccuracy}
          onChange={(minAccuracy) => changeRelease({ minAccuracy })}
          error={wrong.minAccuracy}
        />
        <NumberField
          label="Tolerance of outputs"
          step={0.001}
          value={release.tolerance}
          onChange={(tolerance) => changeRelease({ tolerance })}
          error={wrong.tolerance}
        />
      </div>
    </Fold>
  );
}
