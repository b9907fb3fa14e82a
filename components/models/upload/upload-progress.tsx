'use client';

import { Button } from '@mantine/core';
import { formatDuration, formatQuantity } from '../../ui/format.ts';
import { paceOf, type Sent } from './pace.ts';
import classes from './upload-progress.module.css';

type UploadProgressProps = { samples: readonly Sent[]; totalBytes: number; onCancel: () => void };

/** How far an upload is: bytes, speed, time left. When all bytes have left, the server reads the model. */
export function UploadProgress({ samples, totalBytes, onCancel }: UploadProgressProps) {
  const sent = Math.min(totalBytes, samples.at(-1)?.bytes ?? 0);
  const isSent = sent >= totalBytes;
  const pace = paceOf(samples, totalBytes);
  const share = totalBytes === 0 ? 0 : sent / totalBytes;
  return (
    <div className={classes.progress}>
      <div
        className={classes.bar}
        role="progressbar"
        aria-label="Upload"
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={Math.round(share * 100)}
      >
        <i style={{ width: `${share * 100}%` }} />
      </div>
      <p className={classes.words} aria-live="polite">
        {isSent
          ? 'Everything has arrived; the server reads the model.'
          : `${formatQuantity(sent, 'bytes')} of ${formatQuantity(totalBytes, 'bytes')}`}
        {!isSent && pace && (
          <span className={classes.dim}>
            {` · ${formatQuantity(pace.bytesPerS, 'bytes/s')} · ${formatDuration(pace.leftMs)} left`}
          </span>
        )}
      </p>
      <Button variant="danger" onClick={onCancel}>
        Cancel
      </Button>
    </div>
  );
}
