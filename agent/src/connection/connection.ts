import { deviceSubscriptions, gatherWrites, PROTOCOL_VERSION, type Session, topicOf } from '@flotilla/protocol';
import mqtt, { type MqttClient } from 'mqtt';
import { backoffMs } from '../backoff.ts';
import { delay } from '../delay.ts';
import { type Logger, messageOf } from '../logger.ts';

const KEEPALIVE_S = 60;

/** Of MQTT over TLS. */
const DEFAULT_PORT = 8883;
const CONNECT_TIMEOUT_MS = 20_000;

/** A connection that held this long starts its back-off anew. */
const STABLE_AFTER_MS = 30_000;

export type ConnectionTarget = { mqttUrl: string; deviceId: string; key: string; certificate: string; ca: string };

export type ConnectionPorts = {
  /** Asked before every attempt, so that a renewed certificate is used at the next one. */
  target: () => ConnectionTarget;
  /** A number that was never used before, on disk. */
  nextSession: () => Promise<number>;
  boot: string;
  agentVersion: string;
  /** Connected, subscribed, birth published. */
  onConnect: (session: number) => void;
  onDisconnect: () => void;
  onMessage: (topic: string, payload: Buffer) => void;
  logger: Logger;
  now: () => number;
  random: () => number;
};

/**
 * Keeps one MQTT session with the server, over mutual TLS, for ever. Every attempt is a client of its own, because its last
 * will carries the number of this connect; what was under way when one breaks is the spool's to send again.
 */
export class Connection {
  readonly #ports: ConnectionPorts;
  #client: MqttClient | null = null;
  #session = 0;
  #isConnected = false;
  #stopping = new AbortController();
  #running: Promise<void> | null = null;
  #offlineSinceMs: number;
  #spokeMs = 0;
  #cut: AbortController = new AbortController();

  constructor(ports: ConnectionPorts) {
    this.#ports = ports;
    this.#offlineSinceMs = ports.now();
  }

  get isConnected(): boolean {
    return this.#isConnected;
  }

  /** Number of the newest attempt. */
  get session(): number {
    return this.#session;
  }

  /** For how long there has been no connection; 0 while there is one. */
  get offlineMs(): number {
    return this.#isConnected ? 0 : this.#ports.now() - this.#offlineSinceMs;
  }

  /** For how long this device has said nothing; 0 while there is no connection. */
  get silentMs(): number {
    return this.#isConnected ? performance.now() - this.#spokeMs : 0;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** QoS 1. Lost when there is no connection or it breaks: whoever must not lose it keeps it. */
  publish(kind: 'reported' | 'events' | 'telemetry' | 'log', payload: string): void {
    this.#send(topicOf(this.#ports.target().deviceId, kind), payload, kind === 'reported');
  }

  reply(commandId: string, payload: string): void {
    this.#send(topicOf(this.#ports.target().deviceId, 'reply', commandId), payload, false);
  }

  /** Ends this connection so that the next one uses what `target` gives then. */
  reconnect(): void {
    this.#cut.abort();
  }

  /** Says goodbye, so that the server need not wait for the last will. Gives up after `timeoutMs`. */
  async stop(timeoutMs: number): Promise<void> {
    this.#stopping.abort();
    const client = this.#client;
    if (client && this.#isConnected) {
      const { topic, payload } = this.#sessionMessage(false);
      const said = client.publishAsync(topic, payload, { qos: 1, retain: true }).catch(() => {});
      const waited = new AbortController();
      await Promise.race([said, delay(timeoutMs, waited.signal)]);
      waited.abort();
    }
    client?.end(true);
    await this.#running;
  }

  async #run(): Promise<void> {
    const { logger, random } = this.#ports;
    for (let attempt = 0; !this.#stopping.signal.aborted; attempt++) {
      const startedMs = performance.now();
      const end = await this.#connectOnce().catch((error: unknown) => messageOf(error));
      if (this.#isConnected) {
        this.#isConnected = false;
        this.#offlineSinceMs = this.#ports.now();
        this.#ports.onDisconnect();
      }
      if (this.#stopping.signal.aborted) return;
      if (performance.now() - startedMs > STABLE_AFTER_MS) attempt = 0;
      const waitMs = backoffMs(attempt, random());
      logger.log('warn', `no connection to the server: ${end}`, { waitMs });
      await delay(waitMs, this.#stopping.signal);
    }
  }

  /** One connection from its attempt to its end; resolves with how it ended. */
  async #connectOnce(): Promise<string> {
    this.#session = await this.#ports.nextSession();
    if (this.#stopping.signal.aborted) return 'stopped';
    this.#cut = new AbortController();
    const client = this.#createClient();
    this.#client = client;
    let problem = 'closed';
    client.on('error', (error) => {
      problem = messageOf(error);
    });
    const closed = new Promise<void>((resolve) => {
      client.once('close', resolve);
      this.#cut.signal.addEventListener('abort', () => resolve(), { once: true });
    });
    client.once('connect', () => void this.#greet(client).catch(() => client.end(true)));
    client.on('message', (topic, payload) => this.#ports.onMessage(topic, payload));
    await closed;
    client.removeAllListeners('connect');
    client.end(true);
    return problem;
  }

  async #greet(client: MqttClient): Promise<void> {
    gatherWrites(client.stream);
    const birth = this.#sessionMessage(true);
    await client.publishAsync(birth.topic, birth.payload, { qos: 1, retain: true });
    await client.subscribeAsync(deviceSubscriptions(this.#ports.target().deviceId), { qos: 1 });
    if (client !== this.#client || !client.connected) return;
    this.#isConnected = true;
    this.#spokeMs = performance.now();
    this.#ports.logger.log('info', 'connected to the server', { session: this.#session });
    this.#ports.onConnect(this.#session);
  }

  #createClient(): MqttClient {
    const { mqttUrl, deviceId, key, certificate, ca } = this.#ports.target();
    const will = this.#sessionMessage(false);
    const { hostname, port } = new URL(mqttUrl);
    return mqtt.connect({
      protocol: 'mqtts',
      host: hostname.replace(/^\[|\]$/g, ''),
      port: Number(port) || DEFAULT_PORT,
      clientId: deviceId,
      username: deviceId,
      protocolVersion: 4,
      clean: false,
      keepalive: KEEPALIVE_S,
      connectTimeout: CONNECT_TIMEOUT_MS,
      reconnectPeriod: 0,
      resubscribe: false,
      // Else it makes 65,536 buffers, one for each number that a packet may hold: 7 MiB.
      writeCache: false,
      timerVariant: 'native',
      key,
      cert: certificate,
      ca,
      rejectUnauthorized: true,
      will: { topic: will.topic, payload: Buffer.from(will.payload), qos: 1, retain: true },
    });
  }

  #sessionMessage(online: boolean): { topic: string; payload: string } {
    const { boot, agentVersion, now, target } = this.#ports;
    const session: Session = {
      online,
      session: this.#session,
      boot,
      agentVersion,
      protocol: PROTOCOL_VERSION,
      at: now(),
    };
    return { topic: topicOf(target().deviceId, 'session'), payload: JSON.stringify(session) };
  }

  #send(topic: string, payload: string, retain: boolean): void {
    if (!this.#isConnected) return;
    this.#spokeMs = performance.now();
    this.#client?.publishAsync(topic, payload, { qos: 1, retain }).catch(() => {});
  }
}
