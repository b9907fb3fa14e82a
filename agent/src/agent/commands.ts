import type { CommandOp, Reply } from '@flotilla/protocol';
import { handleCommand } from '../commands/handle-command.ts';
import { createOperations } from '../commands/operations.ts';
import { uploadArchive } from '../commands/upload.ts';
import type { Connection } from '../connection/connection.ts';
import type { ServerCalls } from '../connection/server-calls.ts';
import type { Logs } from '../log/logs.ts';
import type { Durable } from './durable.ts';
import type { Machine } from './machine.ts';
import type { AgentOptions } from './options.ts';
import type { Slots } from './slots.ts';

type Parts = {
  deviceId: string;
  durable: Durable;
  machine: Machine;
  slots: Slots;
  connection: Connection;
  logs: Logs;
  call: ServerCalls['call'];
  /** Address of the endpoint. */
  endpoint: () => string;
  /** When it aborts, nothing more is handed to the server. */
  ending: AbortSignal;
};

/** Carries out a command that came; resolves with what it was, null when nothing was done. */
export function createCommands(
  options: Pick<AgentOptions, 'layout' | 'version' | 'now' | 'random'>,
  parts: Parts,
): (id: string, jws: string) => Promise<CommandOp | null> {
  const { layout, version, now, random } = options;
  const { deviceId, durable, machine, slots, connection, logs, call } = parts;
  const { spool, desired } = durable;
  const operations = createOperations({
    slots,
    document: () => desired.document,
    facts: machine.facts,
    power: machine.proofPower,
    layout,
    version,
    state: async () => ({
      about: { agentVersion: version, node: process.version, uptimeS: process.uptime(), endpoint: parts.endpoint() },
      connection: { isConnected: connection.isConnected, session: connection.session },
      reported: { generation: desired.generation, slots: slots.reports },
      sensors: { ...(await machine.sampleSystem()), powerSource: machine.meter.source },
      spool: { boot: spool.boot, sizeBytes: spool.sizeBytes, droppedEvents: spool.droppedEvents },
    }),
    readLog: () => logs.read(),
    setLogLevel: (level, durationMs) => logs.levels.override(level, durationMs),
    upload: (id, archive) => uploadArchive({ call, random }, id, archive, parts.ending),
    now,
  });
  const reply = (each: Reply) => connection.reply(each.id, JSON.stringify(each));
  const ports = { deviceId, trustedKeys: () => desired.trustedKeys, log: durable.commands, operations, reply, now };
  return (id, jws) => handleCommand(ports, id, jws);
}
