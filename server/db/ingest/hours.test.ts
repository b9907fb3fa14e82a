import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { emptyHour } from '../../domain/drift/hour-sums.ts';
import { testFleet } from '../../testing/test-fleet.ts';
import { saveHours } from './hours.ts';
import { inTransaction } from './transaction.ts';

const fleet = testFleet();

it('counts both of what two transactions add to an hour that neither of them found', async () => {
  const key = {
    organizationId: fleet.ours.owner.organizationId,
    versionId: randomUUID(),
    deviceId: randomUUID(),
    slot: 'default',
    hourMs: 3_600_000,
  };
  const add = (inferences: number, before: () => Promise<unknown>) =>
    inTransaction(fleet.pool, async (client) => {
      await saveHours(client, [{ ...key, sums: { ...emptyHour(), inferences } }]);
      await before();
    });
  let second: Promise<void> | undefined;
  await add(3, async () => {
    second = add(4, async () => undefined);
    await waitsForAnother();
  });
  await second;
  const rows = await fleet.db.monitoringHour.findMany({ where: { deviceId: key.deviceId } });
  expect(rows.map(({ sums }) => (sums as { inferences: number }).inferences)).toEqual([7]);
});

async function waitsForAnother(): Promise<void> {
  await expect
    .poll(() => fleet.db.$queryRaw`SELECT FROM pg_locks WHERE NOT granted AND locktype = 'transactionid'`, {
      timeout: 10_000,
    })
    .toHaveLength(1);
}
