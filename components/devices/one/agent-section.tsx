'use client';

import { DEFAULT_STABLE_S } from '@flotilla/protocol';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { DevicePage } from '@/server/queries/device-page.ts';
import { WatchTime } from '../../agents/watch-time.tsx';
import { useForbidden } from '../../console/access.tsx';
import { ToneWord } from '../../status/status.tsx';
import { useTRPC } from '../../trpc/client.ts';
import { ConfirmButton } from '../../ui/confirm-button.tsx';
import { type Fact, Facts } from '../../ui/facts.tsx';
import { Section } from '../../ui/section.tsx';
import { ReasonCode } from '../../ui/tags.tsx';
import { Age } from '../../ui/time.tsx';
import { useOrg } from '../../ui/use-org.ts';
import classes from './device-facts.module.css';
import { isUnderWay, UPGRADE_WORDS } from './upgrade-words.ts';

/** The agent that runs on a device, where its upgrade stands, and the way to the version that this server brings. */
export function AgentSection({ page }: { page: DevicePage }) {
  const { device, agent } = page;
  const { report, newest } = agent;
  const version = report?.version ?? device.facts.agentVersion;
  const isNewest = version === newest;
  const facts: Fact[] = [
    { label: 'Version', value: version ?? 'not known yet' },
    ...(newest === null || isNewest ? [] : [{ label: 'This server has', value: newest }]),
    ...(report?.target && report.target !== version ? [{ label: 'Upgrade to', value: report.target }] : []),
  ];
  const mayAsk = device.decommissionedAt === null && newest !== null && !isNewest && report?.isUpgradable === true;
  return (
    <Section isNested title="Agent" end={mayAsk && !isUnderWay(report) && <Upgrade page={page} version={newest} />}>
      <Facts facts={facts} />
      <UpgradeState agent={agent} />
      {report?.isUpgradable !== true && !isNewest && version !== undefined && (
        <p className={classes.dim}>
          It was not started by the launcher that takes a failed upgrade back, so it cannot upgrade itself. Run the
          install command on the device once.
        </p>
      )}
    </Section>
  );
}

function UpgradeState({ agent: { report, sentence } }: Pick<DevicePage, 'agent'>) {
  if (!report?.phase || report.phase === 'idle' || report.phase === 'superseded') return null;
  const { glyph, tone, word } = UPGRADE_WORDS[report.phase];
  const { progress, reason, since } = report;
  const percent = progress && progress.totalBytes > 0 ? Math.floor((100 * progress.bytes) / progress.totalBytes) : null;
  return (
    <div className={classes.upgrade} role="status">
      <p>
        <ToneWord glyph={glyph} tone={tone}>
          {word}
          {percent !== null && `, ${percent} %`}
        </ToneWord>{' '}
        {since !== undefined && (
          <span className={classes.dim}>
            <Age at={new Date(since)} after=" ago" />
          </span>
        )}
      </p>
      {reason && (
        <>
          <p>
            <ReasonCode code={reason.code} tone={reason.retry === 'never' ? 'critical' : 'attention'} /> {sentence}
          </p>
          {reason.detail !== '' && <p className={classes.dim}>{reason.detail}</p>}
          {reason.retry === 'later' && <p className={classes.dim}>It tries again by itself.</p>}
        </>
      )}
    </div>
  );
}

function Upgrade({ page: { device, agent }, version }: { page: DevicePage; version: string }) {
  const { org } = useOrg();
  const trpc = useTRPC();
  const client = useQueryClient();
  const forbidden = useForbidden('devices:write');
  const [stableS, setStable] = useState(DEFAULT_STABLE_S);
  const start = useMutation(
    trpc.agents.start.mutationOptions({
      onSuccess: () => client.invalidateQueries(trpc.devices.page.queryFilter({ org, deviceId: device.id })),
    }),
  );
  const hasFailed = agent.report?.target === version && agent.report.reason?.retry === 'never';
  return (
    <ConfirmButton
      label={hasFailed ? 'Try again…' : 'Upgrade agent…'}
      forbidden={forbidden}
      consequence={
        <div className={classes.ask}>
          <p>
            The agent fetches {version}, tries it beside itself, and becomes it. Models do not answer for one to two
            seconds. If it falters while it is watched, the one before comes back by itself.
          </p>
          <WatchTime stableS={stableS} onChange={setStable} />
        </div>
      }
      confirmLabel="Upgrade this agent"
      onConfirm={() => start.mutateAsync({ org, deviceIds: [device.id], version, stableS })}
    />
  );
}
