import { createDb } from '../db/client.ts';
import { loadDocumentSigner } from '../pki/document-signer.ts';
import { brokerHostnames } from '../pki/ensure-pki.ts';
import { loadSecretBox } from '../pki/secrets-key.ts';
import { loadServerClientTls } from '../pki/tls.ts';
import { readConfig } from '../platform/config.ts';
import { createLogger } from '../platform/logger.ts';
import { startWorker } from '../worker/worker.ts';
import { untilStopped } from './process-life.ts';

const config = readConfig(process.env);
const logger = createLogger('worker', config.logLevel);
const db = createDb(config.databaseUrl);
const [signer, tls, secrets] = await Promise.all([
  loadDocumentSigner(config.pkiDir),
  loadServerClientTls(config.pkiDir),
  loadSecretBox(config.pkiDir),
]);
const worker = await startWorker({
  deps: { db, signer, now: () => new Date(), telemetryWindowS: config.telemetryWindowS, secrets },
  alerts: { url: config.url, policy: { allowsPrivate: config.alertsToPrivateAddresses } },
  databaseUrl: config.databaseUrl,
  mqttUrl: config.mqttServerUrl,
  tls,
  logger,
  otlp: config.otlp,
  mosquitto: config.mosquitto && {
    pkiDir: config.pkiDir,
    brokerDir: config.mosquitto.dir,
    deviceUrl: config.mosquitto.deviceUrl,
    hostnames: brokerHostnames(config),
  },
});
logger.info('working');
process.send?.('ready');
await untilStopped();
await worker.stop();
await db.$disconnect();
process.exit(0);
