import { useBrowserValue } from '../ui/use-now.ts';
import classes from './flags.module.css';
import { placeFlags } from './prepare/flags.ts';
import { clockText, percent } from './time-axis.tsx';
import type { Marker } from './types.ts';

type FlagsProps = { markers: readonly Marker[]; from: number; to: number };

/** The words of the markers, over the plot that has their lines. They wait for the reader's time zone. */
export function Flags({ markers, from, to }: FlagsProps) {
  const isReady = useBrowserValue(
    () => true,
    () => false,
  );
  const flags = placeFlags(markers, from, to);
  if (flags.length === 0) return null;
  return (
    <div className={classes.flags}>
      {isReady &&
        flags.map((flag) => (
          <span
            key={`${flag.t}${flag.label}`}
            data-tone={flag.tone}
            data-left={flag.isLeft}
            data-late={flag.at > 0.5}
            style={{ left: percent(flag.t, from, to) }}
          >
            {`${clockText(flag.t, 60_000)} ${flag.label}`}
          </span>
        ))}
    </div>
  );
}
