import type { DesiredState, DeviceFacts } from '@flotilla/protocol';
import { Inbox } from '../src/agent/inbox.ts';
import { Connection, type ConnectionTarget } from '../src/connection/connection.ts';
import { Reporter } from '../src/connection/reporter.ts';
import { type Accepted, DesiredStore } from '../src/desired/desired-store.ts';
import type { Logger } from '../src/logger.ts';
import { SlotController, type SlotPorts } from '../src/slot/slot-controller.ts';
import { emptySlot, type SlotState } from '../src/slot/state.ts';
import { SpoolSender } from '../src/spool/sender.ts';
import { AGENT_VERSION } from '../src/version.ts';
import type { MemorySpool } from './memory-spool.ts';

/** What outlives the agent of a virtual device: all that the real one keeps on disk. */
export type VirtualDisk = {
  spool: MemorySpool;
  accepted: Accepted;
  journals: Map<string, SlotState>;
  session: number;
};

export type VirtualAgentPorts = {
  disk: VirtualDisk;
  target: ConnectionTarget;
  facts: DeviceFacts;
  work: SlotPorts['work'];
  onConnect: () => void;
  onMessage: (topic: string, payload: Buffer) => void;
  logger: Logger;
  now: () => number;
  random: () => number;
};

/** Life of one agent, from its start to its end or crash: the agent's own parts, with a script in the place of runners and sensors. */
export class VirtualAgent {
  readonly #ports: VirtualAgentPorts;
  readonly #connection: Connection;
  readonly #sender: SpoolSender;
  readonly #reporter: Reporter;
  readonly #inbox: Inbox;
  readonly #desired: DesiredStore;
  readonly #slots = new Map<string, SlotController>();

  constructor(ports: VirtualAgentPorts) {
    const { disk, target, facts, logger, now, random } = ports;
    this.#ports = ports;
    this.#connection = new Connection({
      target: () => target,
      // Above every number of an earlier process, whose count is not kept.
      nextSession: async () => {
        disk.session = Math.max(disk.session + 1, Date.now());
        return disk.session;
      },
      boot: disk.spool.boot,
      agentVersion: AGENT_VERSION,
      onConnect: (session) => {
        this.#reporter.connected(session);
        void this.#sender.connected();
        ports.onConnect();
      },
      onDisconnect: () => {
        this.#reporter.disconnected();
        this.#sender.disconnected();
      },
      onMessage: (topic, payload) => {
        ports.onMessage(topic, payload);
        this.#inbox.receive(topic, payload);
      },
      logger,
      now,
      random,
    });
    this.#sender = new SpoolSender(disk.spool, (kind, payload) => this.#connection.publish(kind, payload), now);
    const save = async (accepted: Accepted) => {
      disk.accepted = accepted;
    };
    this.#desired = new DesiredStore({ save }, disk.accepted, target.deviceId, now);
    this.#reporter = new Reporter({
      sendEvents: () => this.#sender.sendEvents(),
      isAwaited: () => this.#sender.isAwaited,
      publish: (payload) => this.#connection.publish('reported', payload),
      state: () => ({ generation: this.#desired.generation, slots: this.#reports() }),
      facts: () => facts,
    });
    this.#inbox = new Inbox({
      desired: this.#desired,
      onDesired: (document) => this.#obey(document),
      onAck: (ack) => this.#sender.acknowledged(ack),
      onCommand: async () => undefined,
      addEvent: (event) => this.#addEvent(event),
      logger,
      now,
    });
  }

  get isConnected(): boolean {
    return this.#connection.isConnected;
  }

  get windowMs(): number | undefined {
    const windowS = this.#desired.document?.telemetry.windowS;
    return windowS === undefined ? undefined : windowS * 1000;
  }

  async start(): Promise<void> {
    await this.#addEvent({ at: this.#ports.now(), kind: 'agent', message: `agent ${AGENT_VERSION} started` });
    for (const slot of this.#ports.disk.journals.keys()) await this.#slotOf(slot).start();
    if (this.#desired.document) await this.#obey(this.#desired.document);
    this.#connection.start();
  }

  /** Ends everything; a longer `goodbyeMs` lets the broker know before the last will does. */
  async stop(goodbyeMs: number): Promise<void> {
    this.#reporter.disconnected();
    await Promise.all([...this.#slots.values()].map((slot) => slot.stop()));
    await this.#connection.stop(goodbyeMs);
    this.#sender.disconnected();
  }

  /** The link breaks; the agent tries again by itself. */
  cutLink(): void {
    this.#connection.reconnect();
  }

  pump(): Promise<void> {
    return this.#sender.pump();
  }

  tick(): Promise<void> {
    this.#reporter.breakSilence(this.#connection.silentMs);
    return this.#sender.tick();
  }

  async #obey(document: DesiredState): Promise<void> {
    for (const [name, wanted] of Object.entries(document.slots)) {
      if (wanted || this.#slots.has(name)) await this.#slotOf(name).desire(wanted);
    }
    this.#reporter.changed('soon');
  }

  #slotOf(name: string): SlotController {
    const known = this.#slots.get(name);
    if (known) return known;
    const { disk, work, logger, now, random } = this.#ports;
    const slot = new SlotController(
      {
        slot: name,
        journal: { save: async (state) => void disk.journals.set(name, state) },
        work,
        serve: async () => undefined,
        prune: async () => undefined,
        addEvent: (event) => this.#addEvent(event),
        isTold: (event) => disk.spool.hasRecentEvent(event),
        whenCommitted: (signal) => this.#sender.whenEventAcked(disk.spool.nextSeq('events') - 1, signal),
        onChange: (change) => this.#reporter.changed(change),
        logger,
        now,
        random,
      },
      disk.journals.get(name) ?? emptySlot(now()),
    );
    this.#slots.set(name, slot);
    return slot;
  }

  #reports() {
    return Object.fromEntries([...this.#slots].map(([name, slot]) => [name, slot.report]));
  }

  async #addEvent(event: Parameters<MemorySpool['addEvent']>[0]): Promise<void> {
    await this.#ports.disk.spool.addEvent(event);
    this.#sender.told();
  }
}
