import { randomUUID } from 'node:crypto';
import { deleteOldAlerts } from '../db/alerts-deliveries.ts';
import { deleteOldCommands } from '../db/command-archives.ts';
import { ingestPool } from '../db/ingest/transaction.ts';
import { listen } from '../db/listen.ts';
import { noteListening } from '../db/listening.ts';
import { readWorkHint, WORK_CHANNEL } from '../db/notify.ts';
import { republishAll } from '../db/outbox.ts';
import { deleteOldMonitoring } from '../db/predictions.ts';
import { deleteExpired, deleteOldTelemetry, ensurePartitions } from '../db/upkeep.ts';
import { LOOK_EVERY_MS } from '../domain/alerts/schedule.ts';
import { LISTENING_NOTED_MS } from '../domain/device/axes.ts';
import type { IncomingMessage } from '../ingest/parse-message.ts';
import { INGEST_CONNECTIONS, IngestPipeline } from '../ingest/pipeline.ts';
import { AckPublisher } from '../mqtt/ack-publisher.ts';
import { type KeeperOptions, revocationKeeper } from '../mqtt/mosquitto/revocation-keeper.ts';
import { publishCommands } from '../mqtt/publish-commands.ts';
import { publishOutbox } from '../mqtt/publish-outbox.ts';
import { connectServerClient, disconnect, type ServerTls } from '../mqtt/server-client.ts';
import { statusFilters, telemetryFilters } from '../mqtt/worker-filters.ts';
import type { AddressPolicy } from '../notify/address-policy.ts';
import { messageSender } from '../notify/send-message.ts';
import type { OtlpTarget } from '../platform/config.ts';
import type { Logger } from '../platform/logger.ts';
import { within } from '../platform/within.ts';
import type { Deps } from '../services/deps.ts';
import { refreshDesired } from '../services/devices/refresh-desired.ts';
import { releaseAlerts, tickAlerts, tickDeliveries } from './alerts.ts';
import { releaseEngine, tickEngine } from './engine.ts';
import { FOLD_CONNECTIONS } from './fold.ts';
import { createMonitor, releaseMonitor } from './monitor.ts';
import { pushMetrics } from './otlp/push-metrics.ts';
import { Ticker } from './ticker.ts';
import { releaseUpgrades, tickUpgrades } from './upgrades.ts';

export type WorkerOptions = {
  deps: Pick<Deps, 'db' | 'signer' | 'now' | 'telemetryWindowS' | 'secrets'>;
  /** Address of the console, for links in messages, and where messages may go to. */
  alerts: { url: string; policy: AddressPolicy };
  databaseUrl: string;
  mqttUrl: string;
  tls: ServerTls;
  logger: Logger;
  /** Where metrics are sent as OpenTelemetry; null to send none. */
  otlp?: OtlpTarget | null;
  /** Where this worker helps to keep a Mosquitto's revocation list; null with the embedded broker, which asks the database. */
  mosquitto?: Pick<KeeperOptions, 'pkiDir' | 'brokerDir' | 'hostnames' | 'deviceUrl'> | null;
};

const ENGINE_TICK_MS = 1_000;
/** Every batch of reports pokes the engine, and each look reads a whole rollout: between two looks a thousand devices may report. */
const ENGINE_REST_MS = 250;
const UPGRADES_TICK_MS = 5_000;
/** What is written tells itself at once; this is for notifications that are lost, and for commands whose device does not answer. */
const OUTBOX_TICK_MS = 5_000;
const REVOCATION_TICK_MS = 500;
const METRICS_TICK_MS = 30_000;
const UPKEEP_TICK_MS = 3_600_000;
const MONITOR_TICK_MS = 1_000;
const DELIVERY_TICK_MS = 5_000;

/** A rule that is edited is looked at at once, a row of edits not more often than this. */
const ALERTS_REST_MS = 1_000;

/** Documents on their way to a broker that hangs are not waited for when the worker stops: they stay in the outbox. */
const LAST_PUBLISH_MS = 2_000;

/** Ingest, rollout engine, outbox and upkeep in one process. Several may run: leases and row locks keep them apart. */
export async function startWorker({
  deps,
  alerts: alerting,
  databaseUrl,
  mqttUrl,
  tls,
  logger,
  otlp,
  mosquitto,
}: WorkerOptions): Promise<{ stop: () => Promise<void> }> {
  const id = `server-worker-${randomUUID().slice(0, 8)}`;
  await ensurePartitions(deps.db);
  const pool = ingestPool(databaseUrl, INGEST_CONNECTIONS + FOLD_CONNECTIONS);
  pool.on('error', (error) => logger.warn({ err: error }, 'an idle database connection broke'));
  const pipeline = new IngestPipeline({
    pool,
    now: deps.now,
    logger,
    acknowledge: (acks) => acknowledgements.send(acks),
  });
  const outbox = new Ticker('outbox', OUTBOX_TICK_MS, async () => void (await publishOutbox(deps.db, client)), logger);
  const commands = new Ticker(
    'commands',
    OUTBOX_TICK_MS,
    async () => void (await publishCommands(deps.db, client, deps.now)),
    logger,
  );
  const engine = new Ticker(
    'engine',
    ENGINE_TICK_MS,
    () => tickEngine({ ...deps, logger }, id),
    logger,
    ENGINE_REST_MS,
  );
  const upgrades = new Ticker('upgrades', UPGRADES_TICK_MS, () => tickUpgrades({ ...deps, logger }, id), logger);
  const evaluation = { db: deps.db, now: deps.now, url: alerting.url, logger };
  const alerts = new Ticker('alerts', LOOK_EVERY_MS, () => tickAlerts(evaluation, id), logger, ALERTS_REST_MS);
  const delivery = { ...deps, send: messageSender(alerting.policy, deps.now), random: Math.random, logger };
  const deliveries = new Ticker('deliveries', DELIVERY_TICK_MS, () => tickDeliveries(delivery), logger);
  const keep = mosquitto
    ? revocationKeeper({ ...mosquitto, db: deps.db, now: deps.now, logger, holder: id, serverUrl: mqttUrl, tls })
    : async () => undefined;
  const revocations = new Ticker('revocations', REVOCATION_TICK_MS, keep, logger);
  const listening = new Ticker('listening', LISTENING_NOTED_MS, () => noteHearing(), logger);
  const stopping = new AbortController();
  const monitoring = { ...deps, pool, stopping: stopping.signal, logger };
  const monitor = new Ticker('monitor', MONITOR_TICK_MS, createMonitor(monitoring, id), logger);
  const upkeep = new Ticker('upkeep', UPKEEP_TICK_MS, () => keepUp(deps), logger);
  const push = otlp ? () => pushMetrics({ ...deps, logger }, otlp, id) : async () => undefined;
  const metrics = new Ticker('metrics', METRICS_TICK_MS, push, logger);
  let republished: Promise<void> | undefined;
  const connection = {
    url: mqttUrl,
    tls,
    logger,
    now: deps.now,
    onMessage: (message: IncomingMessage) => pipeline.push(message),
  };
  const telemetry = connectServerClient({ ...connection, clientId: `${id}-telemetry`, filtersOf: telemetryFilters });
  const client = connectServerClient({
    ...connection,
    clientId: id,
    filtersOf: statusFilters,
    onConnect: () => {
      listening.poke();
      republished = republishAll(deps.db).then(
        () => outbox.poke(),
        (error: unknown) => logger.error({ err: error }, 'could not republish'),
      );
    },
  });
  const acknowledgements = new AckPublisher(client);
  const noteHearing = async () => {
    if (client.connected) await noteListening(deps.db, deps.now());
  };
  const pokeAll = () => {
    outbox.poke();
    commands.poke();
    engine.poke();
  };
  const stopListening = listen(
    databaseUrl,
    WORK_CHANNEL,
    (payload) => poke(payload, { outbox, commands, engine, upgrades, revocations, alerts, deliveries }),
    pokeAll,
  );
  pipeline.start();
  const started = [
    outbox,
    commands,
    engine,
    upgrades,
    revocations,
    listening,
    monitor,
    upkeep,
    metrics,
    alerts,
    deliveries,
  ];
  for (const ticker of started) ticker.start();
  return {
    stop: async () => {
      stopping.abort();
      await stopListening();
      const tickers = [engine, upgrades, revocations, listening, monitor, upkeep, metrics, alerts];
      await Promise.all([...tickers.map((ticker) => ticker.stop()), republished]);
      await releaseMonitor(deps, id).catch(() => undefined);
      await releaseUpgrades(deps, id).catch(() => undefined);
      await releaseEngine(deps, id).catch(() => undefined);
      await releaseAlerts(deps, id).catch(() => undefined);
      await within(deliveries.stop(), LAST_PUBLISH_MS); // A message that is being sent is sent again later.
      await within(Promise.all([outbox.stop(), commands.stop()]), LAST_PUBLISH_MS);
      const committed = pipeline.stop();
      await Promise.all([disconnect(telemetry), disconnect(client)]);
      await committed;
      await pool.end();
    },
  };
}

type Poked = 'outbox' | 'commands' | 'engine' | 'upgrades' | 'revocations' | 'alerts' | 'deliveries';

function poke(payload: string, tickers: Record<Poked, Ticker>): void {
  const kind = readWorkHint(payload)?.kind;
  if (kind === 'outbox') tickers.outbox.poke();
  if (kind === 'commands') tickers.commands.poke();
  if (kind === 'rollouts') tickers.engine.poke();
  if (kind === 'upgrades') tickers.upgrades.poke();
  if (kind === 'kick') tickers.revocations.poke();
  if (kind === 'alerts') tickers.alerts.poke();
  if (kind === 'deliveries') tickers.deliveries.poke();
}

async function keepUp(deps: WorkerOptions['deps']): Promise<void> {
  await ensurePartitions(deps.db);
  await deleteExpired(deps.db);
  await deleteOldTelemetry(deps.db);
  await deleteOldMonitoring(deps.db);
  await deleteOldAlerts(deps.db);
  await deleteOldCommands(deps.db);
  await refreshDesired(deps);
}
