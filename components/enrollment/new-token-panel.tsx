'use client';

import type { TokenView } from '@/server/services/enrollment/create-token.ts';
import { plural } from '../ui/format.ts';
import { SecretReveal } from '../ui/secret-reveal.tsx';
import { Section } from '../ui/section.tsx';
import classes from './new-token-panel.module.css';
import { WaitingDevices } from './waiting-devices.tsx';

/** A token as it was made, with its secret; kept only until the person lets go of it. */
export type NewToken = { token: TokenView; secret: string };

type NewTokenPanelProps = { made: NewToken; url: string; onDone: () => void };

/** The one time a token's secret is seen: the command to run on the device, and the devices that join by it. */
export function NewTokenPanel({ made: { token, secret }, url, onDone }: NewTokenPanelProps) {
  return (
    <Section
      title="Run this on the device"
      sentence={`as root, on Linux; ${token.maxUses === 1 ? 'one device' : `up to ${plural(token.maxUses, 'device')}`} can join with it`}
    >
      <div className={classes.panel}>
        <SecretReveal label="command" keeps="fingerprint" secret={installCommand(url, secret)} onDone={onDone}>
          The last word is the token <b>{token.name}</b>. Whoever has it can join a device, until it is used up, expires
          or is revoked.
        </SecretReveal>
        <WaitingDevices since={token.createdAt} maxUses={token.maxUses} labels={token.labels} />
      </div>
    </Section>
  );
}

function installCommand(url: string, secret: string): string {
  return `curl -fsSL ${url}/install.sh | sh -s -- --token ${secret}`;
}
