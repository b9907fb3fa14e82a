import { readFile } from 'node:fs/promises';
import pg from 'pg';
import { v7 as uuidv7 } from 'uuid';
import { loadDeviceCa } from '../../pki/device-ca.ts';
import { certificatePath } from '../../pki/files.ts';
import { deviceKeyAndCsr } from '../../testing/pki.ts';
import { BENCH_RELEASE } from '../windows.ts';

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

/** Devices of a new organization, whose id is returned, and the release that their windows name. */
export async function insertDevices(client: pg.Client, ids: readonly string[]): Promise<string> {
  const { rows } = await client.query<{ id: string }>(
    `WITH o AS (INSERT INTO organization (slug, name) VALUES ('bench', 'Bench') RETURNING id), d AS (
       INSERT INTO device (id, organization_id, name, public_key, key_fingerprint)
       SELECT d, o.id, 'bench-' || n, '', 'bench-' || n FROM o, unnest($1::uuid[]) WITH ORDINALITY AS g (d, n)),
     m AS (INSERT INTO model (organization_id, name) SELECT id, 'bench' FROM o RETURNING id, organization_id),
     v AS (INSERT INTO model_version (organization_id, model_id, version, sha256, size_bytes, facts)
       SELECT organization_id, id, '1.0.0', '', 0, '{}' FROM m RETURNING id, organization_id),
     r AS (INSERT INTO release (id, organization_id, version_id, content_hash, document) SELECT $2, organization_id, id, '', '{}' FROM v)
     SELECT id FROM o`,
    [ids, BENCH_RELEASE],
  );
  const [organization] = rows;
  if (!organization) throw new Error('there is an organization');
  return organization.id;
}
