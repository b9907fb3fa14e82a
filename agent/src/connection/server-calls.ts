import { signDeviceToken } from '../identity/device-token.ts';
import type { Identity } from '../identity/identity.ts';
import type { Logger } from '../logger.ts';
import type { OpenArtifact } from '../store/download.ts';
import { agentUrl, openHttp } from './http.ts';

type Ports = {
  identity: () => Identity;
  key: Parameters<typeof signDeviceToken>[1];
  logger: Logger;
  now: () => number;
};

export type ServerCalls = {
  /** What one call needs: where, whom to trust, and a fresh token. */
  call: () => Promise<Identity & { token: string }>;
  openArtifact: OpenArtifact;
};

/** Calls of an enrolled device over HTTPS, each signed with its key. */
export function serverCalls({ identity, key, logger, now }: Ports): ServerCalls {
  const call = async () => ({ ...identity(), token: await signDeviceToken(identity().deviceId, key, now()) });
  return {
    call,
    async openArtifact(sha256, fromByte, signal) {
      const { token, apiUrl, ca } = await call();
      logger.log('info', `downloading ${sha256.slice(0, 12)} from byte ${fromByte}`);
      const range = fromByte > 0 ? { range: `bytes=${fromByte}-` } : {};
      const headers = { authorization: `Bearer ${token}`, ...range };
      return await openHttp({ url: agentUrl(apiUrl, `artifacts/${sha256}`), headers, ca, signal });
    },
  };
}
