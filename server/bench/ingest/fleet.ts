import { readFile } from 'node:fs/promises';
import pg from 'pg';
import { v7 as uuidv7 } from 'uuid';
import { loadDeviceCa } from '../../pki/device-ca.ts';
import { certificatePath } from '../../pki/files.ts';
import { deviceKeyAndCsr } from '../../testing/pki.ts';

export type BenchDevice = { id: string; certificate: string };
export type BenchFleet = { devices: BenchDevice[]; key: string; ca: string };

/** Devices in the database and with certificates, without the ceremony of enrolling. They share a key: making keys is not measured here. */
export async function makeFleet(databaseUrl: string, pkiDir: string, count: number): Promise<BenchFleet> {
  const ca = await loadDeviceCa(pkiDir);
  const { publicKeyPem, privateKeyPem } = await deviceKeyAndCsr();
  const devices: BenchDevice[] = [];
  for (let number = 0; number < count; number += 1) {
    const id = uuidv7();
    devices.push({ id, certificate: (await ca.issue({ deviceId: id, publicKeyPem, now: new Date() })).pem });
  }
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  await insertDevices(
    client,
    devices.map(({ id }) => id),
  );
  await client.end();
  return { devices, key: privateKeyPem, ca: await readFile(certificatePath(pkiDir, 'device-ca'), 'utf8') };
}

/** Devices of a new organization, whose id is returned. */
export async function insertDevices(client: pg.Client, ids: readonly string[]): Promise<string> {
  const { rows } = await client.query<{ id: string }>(
    `WITH o AS (INSERT INTO organization (slug, name) VALUES ('bench', 'Bench') RETURNING id), d AS (
       INSERT INTO device (id, organization_id, name, public_key, key_fingerprint)
       SELECT d, o.id, 'bench-' || n, '', 'bench-' || n FROM o, unnest($1::uuid[]) WITH ORDINALITY AS g (d, n))
     SELECT id FROM o`,
    [ids],
  );
  const [organization] = rows;
  if (!organization) throw new Error('there is an organization');
  return organization.id;
}
