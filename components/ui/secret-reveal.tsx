'use client';

import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import { CodeBlock } from './copy.tsx';
import { Icon } from './icon.tsx';
import classes from './secret-reveal.module.css';

type SecretRevealProps = {
  /** What it is: "enrollment token". */
  label: string;
  secret: string;
  /** What the server has of it afterwards: a digest to compare with, or the secret itself, encrypted, because it signs or checks with it. */
  keeps: 'fingerprint' | 'sealed';
  /** What to do with it now. */
  children?: ReactNode;
  /** The person has stored it; the caller forgets it. */
  onDone: () => void;
};

const kept = {
  fingerprint: 'Only its fingerprint is kept.',
  sealed: 'Flotilla keeps it encrypted, and shows it to nobody.',
};

/** A secret, shown this once: copy it, then let go of it. */
export function SecretReveal({ label, secret, keeps, children, onDone }: SecretRevealProps) {
  return (
    <div className={classes.secret}>
      <p className={classes.warning}>
        <span className={classes.mark}>
          <Icon name="warning" />
        </span>
        This {label} is shown once. {kept[keeps]}
      </p>
      <CodeBlock code={secret} label={label} />
      {children !== undefined && <div className={classes.words}>{children}</div>}
      <div>
        <Button onClick={onDone}>I have stored it</Button>
      </div>
    </div>
  );
}
