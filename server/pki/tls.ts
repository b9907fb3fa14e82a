import { certificatePath, keyPath, readPem } from './files.ts';

/** PEM texts for node:tls. `ca` is whom this side trusts. */
export type TlsMaterial = { key: string; cert: string; ca: string };

/** The broker's two faces: `devices` trusts the device CA alone, `servers` the inner CA alone. */
export type BrokerTls = { devices: TlsMaterial; servers: TlsMaterial };

export async function loadBrokerTls(dir: string): Promise<BrokerTls> {
  return {
    devices: {
      key: await readPem(keyPath(dir, 'broker')),
      cert: await readPem(certificatePath(dir, 'broker')),
      ca: await readPem(certificatePath(dir, 'device-ca')),
    },
    servers: {
      key: await readPem(keyPath(dir, 'inner-server')),
      cert: await readPem(certificatePath(dir, 'inner-server')),
      ca: await readPem(certificatePath(dir, 'inner-ca')),
    },
  };
}

/** What a server process connects to the broker's inner listener with. */
export async function loadServerClientTls(dir: string): Promise<TlsMaterial> {
  return {
    key: await readPem(keyPath(dir, 'server-client')),
    cert: await readPem(certificatePath(dir, 'server-client')),
    ca: await readPem(certificatePath(dir, 'inner-ca')),
  };
}
