import { chmod } from 'node:fs/promises';
import { RegistryTokenResponse } from '@flotilla/protocol';
import { agentUrl, callJson } from '../connection/http.ts';
import { Containers } from '../container/containers.ts';
import type { Engine } from '../container/engine/engine.ts';
import type { ArtifactStore } from '../store/artifact-store.ts';
import { freeDiskBytes } from '../telemetry/system/sample.ts';
import type { AgentOptions } from './options.ts';

type Given = {
  store: ArtifactStore;
  engine: Engine;
  deviceId: string;
  /** What a call to our server needs now: certificates and tokens change. */
  call: () => Promise<{ apiUrl: string; ca: string; token: string }>;
};

/** Containers as this device runs them, with the engine and registries of the real world. */
export function createContainers(options: AgentOptions, given: Given): Containers {
  const { fs, layout, logger, procfs, sysfs, random } = options;
  const { store, engine, deviceId } = given;
  const credentials = async (image: string, signal: AbortSignal) => {
    const { apiUrl, ca, token } = await given.call();
    const { body } = await callJson({
      method: 'POST',
      url: agentUrl(apiUrl, 'registry-token'),
      headers: { authorization: `Bearer ${token}` },
      body: JSON.stringify({ image }),
      ca,
      signal,
    });
    return RegistryTokenResponse.parse(body);
  };
  const { arch } = process;
  const containers = new Containers({
    fs,
    chmod,
    store,
    engine,
    deviceId,
    arch,
    logger,
    procfs,
    sysfs,
    random,
    credentials,
    freeBytes: async () => (await freeDiskBytes(layout.dir)) ?? Number.POSITIVE_INFINITY,
  });
  // A launch waits for it, and tries it again when it failed.
  containers.clean().catch(() => {});
  return containers;
}
