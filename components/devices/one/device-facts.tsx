'use client';

import type { Release } from '@flotilla/protocol';
import type { ReactNode } from 'react';
import type { DevicePage } from '@/server/queries/device-page.ts';
import { threadsText } from '../../models/release-words.ts';
import { CopyText } from '../../ui/copy.tsx';
import { type Fact, Facts } from '../../ui/facts.tsx';
import { formatCount, formatNumber, formatQuantity, plural } from '../../ui/format.ts';
import { Section } from '../../ui/section.tsx';
import { ReasonCode, VersionTag } from '../../ui/tags.tsx';
import { Age, Clock } from '../../ui/time.tsx';
import { batteryText, idleNote, powerNote } from '../power-note.ts';
import classes from './device-facts.module.css';

type Slot = DevicePage['slots'][number];

/** Only the facts that are known. */
function present(facts: readonly (Fact | false | null | undefined)[]): Fact[] {
  return facts.filter((fact): fact is Fact => Boolean(fact));
}

function fact(label: string, value: ReactNode): Fact | null {
  return value === undefined || value === null || value === '' ? null : { label, value };
}

/** What one slot serves, from which bytes, how it runs, and what the server wants of it. */
export function SlotFacts({ page, slot }: { page: DevicePage; slot: Slot }) {
  const { release } = slot;
  const wanted = page.desired?.slots.find((each) => each.slot === slot.slot);
  const settings = release?.document.settings;
  const runtime = release?.document.runtime;
  const ort = page.device.facts.ortVersion;
  return (
    <Section
      isNested
      title={`Slot ${slot.slot}`}
      end={
        slot.servingSince && (
          <span className={classes.dim}>
            <Age at={slot.servingSince} before="serves for " />
          </span>
        )
      }
    >
      <Facts
        facts={present([
          {
            label: 'Release',
            value: release ? (
              <VersionTag
                id={`${release.modelName}@${release.version}`}
                name={`${release.modelName} ${release.version}`}
              />
            ) : (
              'serves nothing'
            ),
          },
          release && { label: 'Release id', value: <CopyText value={release.id} label="release id" /> },
          release && {
            label: 'Artifact',
            value: <CopyText value={release.document.model.sha256} label="artifact digest" />,
          },
          runtime && {
            label: 'Runtime',
            value: [ort && `ONNX Runtime ${ort}`, runtime.kind === 'process' ? 'as a process' : 'in a container']
              .filter(Boolean)
              .join(', '),
          },
          settings && {
            label: 'Settings',
            value: [
              threadsNote(settings, runtime?.kind === 'process' ? page.device.facts.inference : undefined),
              settings.executionProvider ?? 'cpu',
              `arena ${settings.arena ? 'on' : 'off'}`,
              settings.spinning && 'spinning',
            ]
              .filter(Boolean)
              .join(', '),
          },
          wanted && { label: 'Wanted', value: <Wanted page={page} wanted={wanted} /> },
        ])}
      />
    </Section>
  );
}

type Settings = Release['settings'];

/** "3 threads by this device": a container may have other limits than the device, and chooses by those. */
function threadsNote({ threads }: Settings, inference: DevicePage['device']['facts']['inference']): string {
  if (threads !== undefined) return plural(threads, 'thread');
  return inference ? `${plural(inference.threads, 'thread')} by this device` : threadsText(undefined);
}

type Wanted = NonNullable<DevicePage['desired']>['slots'][number];

function Wanted({ page, wanted: { release } }: { page: DevicePage; wanted: Wanted }) {
  const { generation, acceptedGeneration } = page.desired ?? { generation: 0, acceptedGeneration: 0 };
  const accepted = acceptedGeneration >= generation ? 'accepted' : `device has ${formatCount(acceptedGeneration)}`;
  return (
    <>
      {release ? <VersionTag id={`${release.modelName}@${release.version}`} name={release.version} /> : 'nothing'}{' '}
      <span className={classes.dim}>
        generation {formatCount(generation)}, {accepted}
      </span>
    </>
  );
}

/** "3 threads, of 4 processors". A limit of the agent's service makes fractions of them. */
function inferenceNote({ threads, processors }: NonNullable<DevicePage['device']['facts']['inference']>): string {
  return `${plural(threads, 'thread')} of ${formatNumber(processors, Number.isInteger(processors) ? 0 : 1)} processors`;
}

/** What the device is. */
export function HardwareFacts({ page }: { page: DevicePage }) {
  const { device, certificates } = page;
  const { facts } = device;
  const certificate = certificates.find(({ revokedAt }) => revokedAt === null);
  const sources = page.powerSources.length > 0 ? page.powerSources : facts.powerSource ? [facts.powerSource] : [];
  return (
    <Section isNested title="Device">
      <Facts
        facts={present([
          fact('Board', facts.board),
          fact('Host name', facts.hostname),
          fact(
            'Processor',
            facts.cpuModel && `${facts.cpuModel}${facts.cpuCores ? `, ${plural(facts.cpuCores, 'core')}` : ''}`,
          ),
          fact('Memory', facts.memoryBytes !== undefined && formatQuantity(facts.memoryBytes, 'bytes')),
          fact('Disk', facts.diskBytes !== undefined && formatQuantity(facts.diskBytes, 'bytes')),
          fact('System', [facts.os, facts.kernel].filter(Boolean).join(', ')),
          fact('Providers', facts.executionProviders?.join(', ')),
          fact('Inference', facts.inference && inferenceNote(facts.inference)),
          fact('Accelerators', facts.accelerators?.join(', ')),
          fact('Containers', facts.containerEngine && `engine ${facts.containerEngine}`),
          fact('Secure boot', facts.secureBoot === undefined ? undefined : facts.secureBoot ? 'on' : 'off'),
          fact('Opset', facts.maxOpset !== undefined && `up to ${facts.maxOpset}`),
          fact('Power', [powerNote(sources) ?? 'no sensor', idleNote(page.power.idleShare)].filter(Boolean).join(', ')),
          fact('Battery', page.power.battery && batteryText(page.power.battery)),
          {
            label: 'Certificate',
            value: certificate ? (
              <>
                until <Clock at={certificate.notAfter} style="date" />
              </>
            ) : (
              'none is valid'
            ),
          },
          {
            label: 'Enrolled',
            value: <Clock at={device.createdAt} style="date" />,
          },
          { label: 'Id', value: <CopyText value={device.id} label="device id" /> },
        ])}
      />
    </Section>
  );
}

/** What the server did not take from this device, if anything. */
export function RefusedMessages({ refused }: { refused: DevicePage['refused'] }) {
  if (refused.length === 0) return null;
  const total = refused.reduce((sum, { count }) => sum + count, 0);
  return (
    <Section isNested title={`${plural(total, 'message')} refused`}>
      <ul className={classes.refused}>
        {refused.map(({ kind, code, count, lastDetail, lastAt }) => (
          <li key={`${kind}/${code}`}>
            <p>
              <ReasonCode code={code} tone="attention" /> {formatCount(count)} of {kind}, last{' '}
              <Age at={lastAt} after=" ago" />
            </p>
            {lastDetail !== '' && <p className={classes.dim}>{lastDetail}</p>}
          </li>
        ))}
      </ul>
    </Section>
  );
}
