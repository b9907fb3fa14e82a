import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import { CommandEntries, CommandLog } from '../commands/command-log.ts';
import { Accepted, DesiredStore } from '../desired/desired-store.ts';
import { type Logger, messageOf } from '../logger.ts';
import { Spool } from '../spool/spool.ts';
import type { FileSystem } from '../state/file-system.ts';
import { JsonFile } from '../state/json-file.ts';
import type { Layout } from '../state/layout.ts';
import { ArtifactStore } from '../store/artifact-store.ts';
import type { OpenedIdentity } from './open-identity.ts';
import { openUpgrade } from './upgrade.ts';

export type Durable = Awaited<ReturnType<typeof openDurable>>;

/** Everything that outlives the process, opened. */
export async function openDurable(
  ports: { fs: FileSystem; layout: Layout; logger: Logger; now: () => number },
  opened: OpenedIdentity,
) {
  const { fs, layout } = ports;
  await fs.makeDir(layout.run);
  await fs.makeDir(layout.artifacts);
  const spool = new Spool(fs, layout.spool);
  await spool.open(randomUUID);
  const commandFile = new JsonFile(fs, layout.commands, CommandEntries);
  const acceptedFile = new JsonFile(fs, layout.desired, Accepted);
  return {
    spool,
    desired: new DesiredStore(acceptedFile, opened.accepted, opened.identity.deviceId, ports.now),
    store: new ArtifactStore(fs, layout.artifacts),
    commands: new CommandLog(commandFile, (await loadOr(commandFile, ports.logger)) ?? []),
    upgrade: await openUpgrade(ports),
    nextSession: await openSessionCounter(ports),
  };
}

/** Session numbers grow with every connect. After damage they go on from the clock, which is above any count. */
async function openSessionCounter({
  fs,
  layout,
  logger,
  now,
}: {
  fs: FileSystem;
  layout: Layout;
  logger: Logger;
  now: () => number;
}) {
  const file = new JsonFile(fs, layout.session, z.number().int().min(0));
  let session = (await loadOr(file, logger, now())) ?? 0;
  return async () => {
    session += 1;
    await file.save(session);
    return session;
  };
}

async function loadOr<T>(file: JsonFile<T>, logger: Logger, damaged: T | null = null): Promise<T | null> {
  return await file.load().catch((error: unknown) => {
    logger.log('error', messageOf(error));
    return damaged;
  });
}
