import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import { Section } from './section.tsx';

type FormSectionProps = {
  title: string;
  sentence?: string;
  /** Absent where nothing else could be shown in its place. */
  onClose?: (() => void) | undefined;
  children: ReactNode;
};

/** A form that opens within a page, and can be closed again. */
export function FormSection({ title, sentence, onClose, children }: FormSectionProps) {
  return (
    <Section
      title={title}
      {...(sentence !== undefined && { sentence })}
      end={
        onClose && (
          <Button variant="quiet" onClick={onClose}>
            Close
          </Button>
        )
      }
    >
      {children}
    </Section>
  );
}
