'use client';

import { Button, Menu, NumberInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import Link from 'next/link';
import { useState } from 'react';
import type { AskableOp } from '@/server/domain/command/states.ts';
import { useForbidden } from '../../../console/access.tsx';
import { useTRPC } from '../../../trpc/client.ts';
import { ConfirmButton } from '../../../ui/confirm-button.tsx';
import { ForbiddenTooltip } from '../../../ui/forbidden-tooltip.tsx';
import { problemOf } from '../../../ui/problem.ts';
import { useOrg } from '../../../ui/use-org.ts';
import classes from './commands.module.css';

const LEVELS = [
  { level: 'debug', minutes: 15 },
  { level: 'debug', minutes: 60 },
  { level: 'info', minutes: 60 },
  { level: 'warn', minutes: 60 },
] as const;

type CommandButtonsProps = { deviceId: string; captures: { isAllowed: boolean; maxSamples: number } };

/** What can be asked. What interrupts or keeps inputs asks once more. */
export function CommandButtons({ deviceId, captures }: CommandButtonsProps) {
  const { org } = useOrg();
  const trpc = useTRPC();
  const client = useQueryClient();
  const forbidden = useForbidden('devices:write');
  const send = useMutation(
    trpc.commands.send.mutationOptions({
      onSuccess: () => client.invalidateQueries(trpc.commands.list.queryFilter({ org, deviceId })),
    }),
  );
  const ask = (op: AskableOp, args: Record<string, unknown> = {}) => send.mutateAsync({ org, deviceId, op, args });
  const quietly = (op: AskableOp, args?: Record<string, unknown>) => void ask(op, args).catch(() => undefined);
  return (
    <>
      <div className={classes.buttons}>
        {(
          [
            ['ping', 'Ping'],
            ['diagnostics', 'Collect diagnostics'],
            ['benchmark', 'Benchmark'],
          ] as const
        ).map(([op, label]) => (
          <ForbiddenTooltip key={op} reason={forbidden}>
            {(isDisabled) => (
              <Button disabled={isDisabled || send.isPending} onClick={() => quietly(op)}>
                {label}
              </Button>
            )}
          </ForbiddenTooltip>
        ))}
        <Menu position="bottom-start">
          <ForbiddenTooltip reason={forbidden}>
            {(isDisabled) => (
              <Menu.Target>
                <Button disabled={isDisabled || send.isPending}>Log level…</Button>
              </Menu.Target>
            )}
          </ForbiddenTooltip>
          <Menu.Dropdown>
            {LEVELS.map(({ level, minutes }) => (
              <Menu.Item key={`${level} ${minutes}`} onClick={() => quietly('set-log-level', { level, minutes })}>
                {`${level}, for ${minutes} min`}
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
        <CaptureButton forbidden={forbidden} captures={captures} onAsk={(samples) => ask('capture', { samples })} />
        <ConfirmButton
          label="Restart runner…"
          forbidden={forbidden}
          consequence="A fresh runner of the same version takes over, and the old one ends when its last request is answered. Counts since its start begin anew."
          confirmLabel="Restart the runner"
          onConfirm={() => ask('restart-runner')}
        />
      </div>
      {send.error && (
        <p className={classes.failure} role="alert">
          {problemOf(send.error).sentence}
        </p>
      )}
    </>
  );
}

type CaptureButtonProps = {
  forbidden: string | null;
  captures: CommandButtonsProps['captures'];
  onAsk: (samples: number) => Promise<unknown>;
};

function CaptureButton({ forbidden, captures, onAsk }: CaptureButtonProps) {
  const [samples, setSamples] = useState(Math.min(50, captures.maxSamples));
  const { at } = useOrg();
  if (!captures.isAllowed)
    return (
      <Button variant="quiet" component={Link} href={at.monitoring()}>
        Captures are forbidden: settings
      </Button>
    );
  return (
    <ConfirmButton
      label="Capture samples…"
      forbidden={forbidden}
      consequence={
        <>
          The next inferences are kept with their inputs, answers and labels, for at most five minutes, and handed up.
          <NumberInput
            label="Samples"
            min={1}
            max={captures.maxSamples}
            value={samples}
            onChange={(value) => setSamples(Number(value) || 1)}
          />
        </>
      }
      confirmLabel={`Capture ${samples} samples`}
      onConfirm={() => onAsk(samples)}
    />
  );
}
