'use client';

import { useClipboard } from '@mantine/hooks';
import classes from './copy.module.css';
import { middleTruncate } from './format.ts';
import { Icon } from './icon.tsx';
import { ScrollRegion } from './scroll-region.tsx';

/** How long the check mark stays after copying. */
const FEEDBACK_MS = 1500;

type CopyTextProps = {
  value: string;
  /** What the value is, for the button's name: "artifact digest". */
  label: string;
  /** Characters kept at each end; 0 shows the whole value. */
  keep?: number;
};

/** An id or a digest in mono, shortened in the middle; a click copies it whole. */
export function CopyText({ value, label, keep = 4 }: CopyTextProps) {
  const clipboard = useClipboard({ timeout: FEEDBACK_MS });
  const shown = keep === 0 ? value : middleTruncate(value, keep, keep);
  return (
    <button
      type="button"
      className={classes.text}
      title={value}
      data-copied={clipboard.copied}
      onClick={(event) => {
        event.stopPropagation();
        clipboard.copy(value);
      }}
    >
      {shown}
      <Icon name={clipboard.copied ? 'check' : 'copy'} size={13} />
      <span className={classes.said} role="status">
        {clipboard.copied ? `Copied ${label}` : `Copy ${label}`}
      </span>
    </button>
  );
}

/** A command or a snippet in a well, with its own copy button. */
export function CodeBlock({ code, label }: { code: string; label: string }) {
  const clipboard = useClipboard({ timeout: FEEDBACK_MS });
  return (
    <div className={classes.block}>
      <ScrollRegion className={classes.scroll} label={label}>
        <pre className={classes.code}>{code}</pre>
      </ScrollRegion>
      <button type="button" className={classes.copy} onClick={() => clipboard.copy(code)} aria-label={`Copy ${label}`}>
        <Icon name={clipboard.copied ? 'check' : 'copy'} size={14} />
        <span role="status">{clipboard.copied ? 'Copied' : 'Copy'}</span>
      </button>
    </div>
  );
}
