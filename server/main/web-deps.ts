import { LiveHub } from '../api/live/hub.ts';
import { createFolderStore } from '../artifacts/folder-store.ts';
import { createDb } from '../db/client.ts';
import { loadDeviceCa } from '../pki/device-ca.ts';
import { loadDocumentSigner } from '../pki/document-signer.ts';
import { loadSecretBox } from '../pki/secrets-key.ts';
import { type Config, readConfig } from '../platform/config.ts';
import { createLogger, type Logger } from '../platform/logger.ts';
import { askPullToken } from '../platform/registry-client.ts';
import type { Deps } from '../services/deps.ts';

export type WebDeps = Deps & { config: Config; hub: LiveHub; logger: Logger };

const cell = globalThis as { flotillaWebDeps?: Promise<WebDeps> };

/** What web's routes work with, made at the first request and shared by every bundle in the process. */
export function webDeps(): Promise<WebDeps> {
  cell.flotillaWebDeps ??= createWebDeps(readConfig(process.env)).catch((error: unknown) => {
    delete cell.flotillaWebDeps;
    throw error;
  });
  return cell.flotillaWebDeps;
}

async function createWebDeps(config: Config): Promise<WebDeps> {
  const [signer, ca, artifacts, secrets] = await Promise.all([
    loadDocumentSigner(config.pkiDir),
    loadDeviceCa(config.pkiDir),
    createFolderStore(config.artifactsDir),
    loadSecretBox(config.pkiDir),
  ]);
  const hub = new LiveHub(config.databaseUrl);
  hub.start();
  return {
    config,
    signer,
    ca,
    artifacts,
    secrets,
    askPullToken,
    hub,
    db: createDb(config.databaseUrl),
    now: () => new Date(),
    urls: { api: config.url, mqtt: config.mqttUrl },
    telemetryWindowS: config.telemetryWindowS,
    logger: createLogger('web', config.logLevel),
  };
}
