import type { DesiredState } from '@flotilla/protocol';
import type { Change } from '../change.ts';
import { Connection } from '../connection/connection.ts';
import { Reporter } from '../connection/reporter.ts';
import { type ServerCalls, serverCalls } from '../connection/server-calls.ts';
import { type Identity, identityFile } from '../identity/identity.ts';
import { Logs } from '../log/logs.ts';
import { messageOf } from '../logger.ts';
import { OipEndpoint } from '../serving/endpoint.ts';
import { SpoolSender } from '../spool/sender.ts';
import type { EventDraft } from '../spool/spool.ts';
import { Throttle, type Urgency } from '../throttle.ts';
import type { Upgrader } from '../upgrade/upgrader.ts';
import { startBackground } from './background.ts';
import { createCommands } from './commands.ts';
import { createContainers } from './containers.ts';
import type { Durable } from './durable.ts';
import { Inbox } from './inbox.ts';
import { startLoops } from './loops.ts';
import type { Machine } from './machine.ts';
import type { OpenedIdentity } from './open-identity.ts';
import type { AgentOptions } from './options.ts';
import { createSlotFactory } from './slot-factory.ts';
import { Slots } from './slots.ts';
import { writeStatus } from './status-file.ts';
import { createUpgrader, neededPackage } from './upgrade.ts';

/** The goodbye to the broker may take this long; the last will says the same. */
const GOODBYE_TIMEOUT_MS = 1_000;

/** The status file is for people. */
const AT_ONCE: Urgency = { withinMs: 0, everyMs: 0 };
const STATUS_LATER: Urgency = { withinMs: 0, everyMs: 1_000 };

/** Why the agent asks to be ended: nothing of it shall be left, or another program takes its place. */
export type AgentEnd = (why: 'decommissioned' | 'restart') => void;

/** The agent of an enrolled device. Its parts know nothing of each other; here they meet. */
export class Agent {
  readonly #options: AgentOptions;
  readonly #opened: OpenedIdentity;
  readonly #durable: Durable;
  readonly #machine: Machine;
  readonly #endpoint: OipEndpoint;
  readonly #calls: ServerCalls;
  readonly #connection: Connection;
  readonly #sender: SpoolSender;
  readonly #reporter: Reporter;
  readonly #slots: Slots;
  readonly #upgrader: Upgrader;
  readonly #inbox: Inbox;
  readonly #logs: Logs;
  readonly #command: ReturnType<typeof createCommands>;
  readonly #status = new Throttle(() => this.#writeStatus());
  readonly #ending = new AbortController();
  readonly #end: AgentEnd;
  #identity: Identity;
  #address = '';
  #stopLoops: () => void = () => {};

  constructor(options: AgentOptions, opened: OpenedIdentity, durable: Durable, machine: Machine, end: AgentEnd) {
    const { logger, now } = options;
    this.#options = options;
    this.#opened = opened;
    this.#durable = durable;
    this.#machine = machine;
    this.#end = end;
    this.#identity = opened.identity;
    this.#endpoint = new OipEndpoint(options.version);
    this.#calls = serverCalls({ ...options, identity: () => this.#identity, key: opened.key });
    this.#connection = this.#createConnection();
    this.#logs = new Logs({
      logger,
      dir: options.layout.logs,
      publish: (payload) => this.#connection.publish('log', payload),
      isConnected: () => this.#connection.isConnected,
      now,
    });
    this.#sender = new SpoolSender(durable.spool, (kind, payload) => this.#connection.publish(kind, payload), now);
    this.#slots = this.#createSlots();
    this.#upgrader = this.#createUpgrader();
    this.#reporter = new Reporter({
      sendEvents: () => this.#sender.sendEvents(),
      isAwaited: () => this.#sender.isAwaited,
      publish: (payload) => this.#connection.publish('reported', payload),
      state: () => ({
        generation: durable.desired.generation,
        slots: this.#slots.reports,
        agent: this.#upgrader.report,
      }),
      facts: machine.facts,
    });
    this.#command = createCommands(options, {
      deviceId: this.#identity.deviceId,
      durable,
      machine,
      slots: this.#slots,
      connection: this.#connection,
      logs: this.#logs,
      call: this.#calls.call,
      endpoint: () => this.#address,
      ending: this.#ending.signal,
    });
    this.#inbox = new Inbox({
      desired: durable.desired,
      onDesired: (document) => this.#obey(document),
      onAck: (ack) => this.#sender.acknowledged(ack),
      onCommand: async (id, jws) => {
        if ((await this.#command(id, jws)) === 'decommission') this.#end('decommissioned');
      },
      addEvent: (event) => this.#addEvent(event),
      logger,
      now,
    });
  }

  /** Serves what it served before, then connects. Resolves with the address of the endpoint. */
  async start(): Promise<string> {
    const { oipPort, version, now, logger } = this.#options;
    const { spool, desired } = this.#durable;
    this.#address = await this.#endpoint.start(oipPort);
    const dropped = spool.droppedEvents > 0 ? { dropped: spool.droppedEvents } : {};
    const event = { at: now(), kind: 'agent', message: `agent ${version} started`, ...dropped };
    await this.#addEvent(event).catch((error: unknown) => logger.log('error', `not told: ${messageOf(error)}`));
    await this.#slots.start();
    await this.#upgrader.start();
    if (desired.document) await this.#obey(desired.document);
    this.#connection.start();
    this.#stopLoops = await startLoops(this.#options, {
      durable: this.#durable,
      machine: this.#machine,
      slots: this.#slots,
      sender: this.#sender,
      reporter: this.#reporter,
      connection: this.#connection,
    });
    this.#startBackground();
    this.#changed('now');
    return this.#address;
  }

  /** Says goodbye, ends the runners, closes the spool. What was under way goes on at the next start. Requests are answered to the last. */
  async stop(): Promise<void> {
    this.#ending.abort();
    this.#stopLoops();
    await Promise.all([this.#upgrader.stop(), this.#connection.stop(GOODBYE_TIMEOUT_MS)]);
    await this.#slots.stop();
    this.#endpoint.close();
    await this.#durable.spool.close();
    await this.#logs.close();
    this.#status.cancel();
  }

  #createConnection(): Connection {
    const { logger, now, random, version } = this.#options;
    return new Connection({
      target: () => ({ ...this.#identity, key: this.#opened.keyPem }),
      nextSession: this.#durable.nextSession,
      boot: this.#durable.spool.boot,
      agentVersion: version,
      onConnect: (session) => void this.#connected(session),
      onDisconnect: () => {
        this.#reporter.disconnected();
        this.#sender.disconnected();
        this.#status.ask(AT_ONCE);
      },
      onMessage: (topic, payload) => this.#inbox.receive(topic, payload),
      logger,
      now,
      random,
    });
  }

  #createSlots(): Slots {
    const { store } = this.#durable;
    const { deviceId } = this.#identity;
    const containers = createContainers(this.#options, {
      store,
      engine: this.#machine.engine,
      deviceId,
      call: this.#calls.call,
    });
    const factory = createSlotFactory({
      ...this.#options,
      store,
      endpoint: this.#endpoint,
      containers,
      deviceId: this.#identity.deviceId,
      facts: this.#machine.facts,
      isEngineKnown: this.#machine.isEngineKnown,
      power: this.#machine.proofPower,
      ...this.#told(),
      prune: () => this.#slots.prune(),
    });
    const keptArtifacts = () => neededPackage(this.#upgrader.state);
    return new Slots({ ...this.#options, store, images: containers.images, keptArtifacts, ...factory });
  }

  #createUpgrader(): Upgrader {
    const { store, upgrade: state } = this.#durable;
    return createUpgrader(this.#options, {
      store,
      state,
      slots: () => this.#slots,
      isConnected: () => this.#connection.isConnected,
      ...this.#told(),
      restart: () => this.#end('restart'),
    });
  }

  /** What every machine of this agent tells, and hears of it. */
  #told() {
    const { spool } = this.#durable;
    return {
      openArtifact: this.#calls.openArtifact,
      addEvent: (event: EventDraft) => this.#addEvent(event),
      isTold: (event: EventDraft) => spool.hasRecentEvent(event),
      whenCommitted: (signal: AbortSignal) => this.#sender.whenEventAcked(spool.nextSeq('events') - 1, signal),
      onChange: (change: Change) => this.#changed(change),
    };
  }

  #startBackground(): void {
    const { fs, layout } = this.#options;
    startBackground(
      {
        ...this.#options,
        machine: this.#machine,
        connection: this.#connection,
        identity: () => this.#identity,
        key: this.#opened.key,
        call: this.#calls.call,
        saveIdentity: async (identity) => {
          await identityFile(fs, layout).save(identity);
          this.#identity = identity;
          this.#connection.reconnect();
        },
        document: () => this.#durable.desired.document,
        onDesired: (jws) => this.#inbox.receiveDesired(jws),
        onMachine: () => this.#reporter.changed('now'),
        onEngine: () => this.#slots.able(),
        addEvent: (event) => this.#addEvent(event),
      },
      this.#ending.signal,
    );
  }

  async #connected(session: number): Promise<void> {
    await this.#machine.refreshFacts();
    this.#reporter.connected(session);
    this.#status.ask(AT_ONCE);
    this.#logs.connected();
    await this.#sender.connected();
  }

  async #obey(document: DesiredState): Promise<void> {
    this.#logs.levels.desire(document.telemetry.logLevel);
    await this.#slots.desire(document);
    await this.#upgrader.desire(document.agent);
    this.#changed('soon');
  }

  async #addEvent(event: EventDraft): Promise<void> {
    await this.#durable.spool.addEvent(event);
    this.#sender.told();
  }

  #changed(change: Change): void {
    this.#reporter.changed(change);
    this.#status.ask(change === 'later' ? STATUS_LATER : AT_ONCE);
  }

  #writeStatus(): void {
    const { spool, desired } = this.#durable;
    const { isConnected, session } = this.#connection;
    writeStatus(this.#options.layout.status, {
      deviceId: this.#identity.deviceId,
      agentVersion: this.#options.version,
      pid: process.pid,
      endpoint: this.#address,
      connection: { isConnected, session, server: this.#identity.mqttUrl },
      generation: desired.generation,
      slots: this.#slots.reports,
      agent: this.#upgrader.report,
      spoolBytes: spool.sizeBytes,
      at: new Date(this.#options.now()).toISOString(),
    });
  }
}
