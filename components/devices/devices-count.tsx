import { Button } from '@mantine/core';
import { formatCount } from '../ui/format.ts';
import classes from './devices-count.module.css';

type DevicesCountProps = {
  /** Devices that match; null past the first page, where the server counts only what follows. */
  shown: number | null;
  of: number;
  text: string;
  onClear: () => void;
};

/** How many devices the filters leave, the filters as text, and the way out of them. */
export function DevicesCount({ shown, of, text, onClear }: DevicesCountProps) {
  return (
    <div className={classes.count} role="status">
      {shown !== null && (
        <span>
          <b>{formatCount(shown)}</b> of {formatCount(of)} devices
        </span>
      )}
      <code>{text}</code>
      <Button variant="link" onClick={onClear}>
        Clear filters
      </Button>
    </div>
  );
}
