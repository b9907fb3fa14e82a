import type { DesiredState } from '@flotilla/protocol';
import type { Connection } from '../connection/connection.ts';
import type { ServerCalls } from '../connection/server-calls.ts';
import { watchFreshness } from '../desired/watch-freshness.ts';
import type { Identity } from '../identity/identity.ts';
import type { EventDraft } from '../spool/spool.ts';
import { keepPolling } from './desired-poll.ts';
import type { Machine } from './machine.ts';
import type { OpenedIdentity } from './open-identity.ts';
import type { AgentOptions } from './options.ts';
import { keepRenewed } from './renewal.ts';
import { watchEngine } from './watch-engine.ts';

type Ports = Pick<AgentOptions, 'logger' | 'now' | 'random'> & {
  machine: Machine;
  connection: Pick<Connection, 'offlineMs'>;
  identity: () => Identity;
  key: OpenedIdentity['key'];
  call: ServerCalls['call'];
  saveIdentity: (identity: Identity) => Promise<void>;
  document: () => DesiredState | null;
  onDesired: (jws: string) => Promise<void>;
  /** What the machine is has changed, and is to be reported. */
  onMachine: () => void;
  /** The container engine answers, and did not before. */
  onEngine: () => Promise<void>;
  addEvent: (event: EventDraft) => Promise<void>;
};

/** What an agent keeps an eye on until `signal` aborts: documents that expire, the way around MQTT, the container engine, its certificate. */
export function startBackground(ports: Ports, signal: AbortSignal): void {
  const { machine, connection, identity, key, call, logger, now, random, document, onDesired, addEvent } = ports;
  const poll = () => ({ ...identity(), token: async () => (await call()).token });
  const onChange = async (isAnswering: boolean) => {
    await machine.refreshFacts();
    ports.onMachine();
    if (isAnswering) await ports.onEngine();
  };
  void watchFreshness({ document, addEvent, now }, signal);
  void keepPolling({ poll, offlineMs: () => connection.offlineMs, onDesired, logger, random }, signal);
  void watchEngine({ engineVersion: () => machine.engine.version(), facts: machine.facts, onChange, logger }, signal);
  void keepRenewed({ identity, key, save: ports.saveIdentity, logger, now, random }, signal);
}
