import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { WORK_CHANNEL } from '../../db/notify.ts';
import { testDatabase } from '../../testing/database.ts';
import { type EnrolledDevice, enrollDeps, enrollTestDevice } from '../../testing/enrollment.ts';
import { createTestMember, createTestOrganization, type TestOrganization } from '../../testing/organizations.ts';
import { type TestPki, testPki } from '../../testing/pki.ts';
import type { EnrollDeps } from '../enrollment/enroll-device.ts';
import { countRefused } from './count-refused.ts';
import { decommissionDevice } from './decommission-device.ts';
import { revokeCertificates } from './revoke-certificates.ts';
import { UpdateDevice, updateDevice } from './update-device.ts';

const database = testDatabase();
let pki: TestPki;
let deps: EnrollDeps;
let ours: TestOrganization;
let device: EnrolledDevice;
beforeAll(async () => {
  pki = await testPki();
  deps = await enrollDeps(database.db(), pki.dir);
});
beforeEach(async () => {
  ours = await createTestOrganization(database.db());
  device = await enrollTestDevice(deps, ours.owner);
});
afterAll(() => pki.remove());

const row = () =>
  database
    .db()
    .device.findUniqueOrThrow({ where: { id: device.deviceId }, include: { certificates: true, labels: true } });
const audited = (action: string) =>
  database.db().auditEntry.findMany({ where: { action, subjectId: device.deviceId } });

describe('a device', () => {
  it('is changed by operators of its own organization only', async () => {
    const viewer = await createTestMember(database.db(), ours.organizationId, 'viewer');
    const { owner: stranger } = await createTestOrganization(database.db());
    const { deviceId } = device;
    for (const change of [
      (actor: typeof viewer) => updateDevice(deps, actor, { deviceId, name: 'mine' }),
      (actor: typeof viewer) => decommissionDevice(deps, actor, { deviceId }),
      (actor: typeof viewer) => revokeCertificates(deps, actor, { deviceId }),
    ]) {
      await expect(change(viewer)).rejects.toMatchObject({ code: 'forbidden' });
      await expect(change(stranger)).rejects.toMatchObject({ code: 'not_found' });
    }
    expect(await row()).toMatchObject({ name: 'camera', decommissionedAt: null, certificates: [{ revokedAt: null }] });
  });

  it('is renamed and labelled; what is left out stays; the audit entry has before and after', async () => {
    const { deviceId } = device;
    await updateDevice(deps, ours.owner, { deviceId, labels: { site: 'oslo', old: 'x' } });
    const input = UpdateDevice.parse({ deviceId, name: ' gate ', labels: { site: 'bergen' } });
    expect(await updateDevice(deps, ours.owner, input)).toEqual({
      id: deviceId,
      name: 'gate',
      labels: { site: 'bergen' },
    });
    await updateDevice(deps, ours.owner, { deviceId, name: 'gate' });
    expect((await row()).labels.map(({ key, value }) => `${key}=${value}`)).toEqual(['site=bergen']);
    const details = (await audited('device.update')).map(({ detail }) => detail);
    expect(details).toContainEqual({
      before: { name: 'camera', labels: { site: 'oslo', old: 'x' } },
      after: { name: 'gate', labels: { site: 'bergen' } },
    });
  });

  it('cannot take the name of another one', async () => {
    await enrollTestDevice(deps, ours.owner, 'gate');
    const attempt = updateDevice(deps, ours.owner, { deviceId: device.deviceId, name: 'gate', labels: { a: 'b' } });
    await expect(attempt).rejects.toMatchObject({ code: 'conflict', reason: 'name_taken' });
    expect(await row()).toMatchObject({ name: 'camera', labels: [] });
  });

  it('is decommissioned once: certificates revoked, kick sent with the commit, one audit entry', async () => {
    const listener = new pg.Client({ connectionString: database.url() });
    await listener.connect();
    const hints: unknown[] = [];
    listener.on('notification', ({ payload }) => hints.push(JSON.parse(payload ?? '')));
    await listener.query(`LISTEN ${WORK_CHANNEL}`);
    const { deviceId } = device;
    const first = await decommissionDevice(deps, ours.owner, { deviceId });
    expect(await decommissionDevice(deps, ours.owner, { deviceId })).toEqual(first);
    await listener.query('SELECT 1');
    await listener.end();
    expect(hints).toContainEqual({ kind: 'kick', id: deviceId });
    const { decommissionedAt, certificates } = await row();
    expect(decommissionedAt).toEqual(first.decommissionedAt);
    expect(certificates.map(({ revokedAt }) => revokedAt)).toEqual([first.decommissionedAt]);
    expect(await audited('device.decommission')).toHaveLength(1);
  });

  it('has its refused messages counted by kind and code, with the last detail cut', async () => {
    const { deviceId } = device;
    const refused = { deviceId, kind: 'telemetry', code: 'too_large' };
    await Promise.all(
      Array.from({ length: 5 }, () =>
        countRefused(deps, ours.organizationId, { ...refused, detail: `\0${'x'.repeat(999)}` }),
      ),
    );
    await countRefused(deps, ours.organizationId, { ...refused, detail: 'last', count: 7 });
    await countRefused(deps, ours.organizationId, { ...refused, code: 'foreign_topic', detail: 'other' });
    const rows = await database.db().refusedMessage.findMany({ where: { deviceId }, orderBy: { code: 'asc' } });
    expect(rows.map(({ code, count, lastDetail }) => [code, count, lastDetail])).toEqual([
      ['foreign_topic', 1n, 'other'],
      ['too_large', 12n, 'last'],
    ]);
    await countRefused(deps, ours.organizationId, { ...refused, detail: `\0${'x'.repeat(999)}` });
    const { lastDetail } = await database
      .db()
      .refusedMessage.findFirstOrThrow({ where: { deviceId, code: 'too_large' } });
    expect(lastDetail).toBe('x'.repeat(300));
  });
});
