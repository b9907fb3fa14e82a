import { createDb } from '../db/client.ts';
import { loadDocumentSigner } from '../pki/document-signer.ts';
import { loadSecretBox } from '../pki/secrets-key.ts';
import { startWorker } from '../worker/worker.ts';
import type { TestBroker } from './broker.ts';
import { type LogLine, recordingLogger } from './logger.ts';
import type { TestPki } from './pki.ts';

export type TestWorker = { lines: LogLine[]; stop: () => Promise<void> };

/** The real worker, with a connection pool of its own, and with what it logs. */
export async function startTestWorker(options: {
  databaseUrl: string;
  pki: TestPki;
  broker: Pick<TestBroker, 'serverUrl' | 'serverTls'>;
}): Promise<TestWorker> {
  const { databaseUrl, pki, broker } = options;
  const db = createDb(databaseUrl);
  const { logger, lines } = recordingLogger();
  const signer = await loadDocumentSigner(pki.dir);
  const secrets = await loadSecretBox(pki.dir);
  const worker = await startWorker({
    deps: { db, signer, secrets, now: () => new Date(), telemetryWindowS: 15 },
    alerts: { url: 'https://fleet.test', policy: { allowsPrivate: true } },
    databaseUrl,
    mqttUrl: broker.serverUrl,
    tls: broker.serverTls,
    logger,
  });
  return {
    lines,
    stop: async () => {
      await worker.stop();
      await db.$disconnect();
    },
  };
}
