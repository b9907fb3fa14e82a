import { useBrowserValue } from '../ui/use-now.ts';
import classes from './flags.module.css';
import { clockText, percent } from './time-axis.tsx';
import type { Marker } from './types.ts';

type FlagsProps = { markers: readonly Marker[]; from: number; to: number };

/** Past this share of the plot a flag's words stand left of its line, so that they stay on the plot. */
const TURN_AT = 0.6;

/** The words of the markers, over the plot that has their lines. They wait for the reader's time zone. */
export function Flags({ markers, from, to }: FlagsProps) {
  const isReady = useBrowserValue(
    () => true,
    () => false,
  );
  const shown = markers.filter((marker) => marker.t >= from && marker.t <= to).sort((a, b) => a.t - b.t);
  if (shown.length === 0) return null;
  return (
    <div className={classes.flags}>
      {isReady &&
        shown.map((marker, i) => {
          const isLast = i === shown.length - 1;
          const share = (marker.t - from) / (to - from);
          // The last of several late flags stands right of its line if there is room, so that two neighbours part.
          const isLeft = share > (isLast && shown.length > 1 ? 0.88 : TURN_AT);
          return (
            <span
              key={`${marker.t}${marker.label}`}
              data-tone={marker.tone}
              data-left={isLeft}
              data-late={share > 0.5}
              style={{ left: percent(marker.t, from, to) }}
            >
              {`${clockText(marker.t, 60_000)} ${marker.label}`}
            </span>
          );
        })}
    </div>
  );
}
