'use client';

import { Button } from '@mantine/core';
import Link from 'next/link';
import { PageHead } from '../ui/page-head.tsx';
import { Section } from '../ui/section.tsx';
import { EmptyState } from '../ui/states.tsx';
import { useOrg } from '../ui/use-org.ts';

/** The overview before the first device. */
export function EmptyFleet() {
  const { at } = useOrg();
  return (
    <>
      <PageHead title="No devices yet" sentence="The fleet shows here as soon as its first device has enrolled." />
      <Section title="Enroll the first device">
        <EmptyState
          title="Make a token, run one command"
          action={
            <Button component={Link} href={at.enrollment()} variant="filled">
              Enroll a device
            </Button>
          }
        >
          The enrollment page makes a token and gives the exact command to run on the board. It works on any Linux with
          arm64 or x86-64, and this machine is good enough to try.
        </EmptyState>
      </Section>
    </>
  );
}
