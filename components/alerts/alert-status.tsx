import type { AlertState } from '@/server/queries/alerts.ts';
import { statusEntry } from '../status/registry.ts';
import { Status } from '../status/status.tsx';
import type { Severity } from '../status/types.ts';

type AlertLook = { state: AlertState; severity: Severity };

/** Where an alert stands: while it fires, its mark says how much it matters. */
export function AlertStatus({ state, severity, since }: AlertLook & { since: Date }) {
  if (state !== 'firing') return <Status axis="alert" value={state} since={since} />;
  return (
    <Status
      axis="severity"
      value={severity}
      since={since}
      word={`Firing, ${statusEntry('severity', severity).word.toLowerCase()}`}
    />
  );
}
