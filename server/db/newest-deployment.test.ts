import { expect, it } from 'vitest';
import { testFleet } from '../testing/test-fleet.ts';
import { NEWEST_DEPLOYMENT } from './device-list.ts';
import { Prisma } from './generated/client.ts';

const fleet = testFleet();

type Plan = { 'Node Type': string; 'Index Name'?: string; Plans?: Plan[] };

function nodesOf(plan: Plan): Plan[] {
  return [plan, ...(plan.Plans ?? []).flatMap(nodesOf)];
}

it('the newest deployment of a device is found without sorting all that it had', async () => {
  const explain = Prisma.sql`EXPLAIN (FORMAT JSON) SELECT p.id FROM device d LEFT JOIN LATERAL (${NEWEST_DEPLOYMENT}) p ON TRUE`;
  const [row] = await fleet.db.$transaction(async (tx) => {
    // Of an empty table the planner would read all.
    await tx.$executeRaw`SET LOCAL enable_seqscan = off`;
    await tx.$executeRaw`SET LOCAL enable_bitmapscan = off`;
    return await tx.$queryRaw<{ 'QUERY PLAN': { Plan: Plan }[] }[]>(explain);
  });
  const nodes = nodesOf(row?.['QUERY PLAN'][0]?.Plan ?? { 'Node Type': 'nothing' });
  expect(nodes.map((node) => node['Index Name'])).toContain('deployment_organization_id_device_id_id_idx');
  expect(nodes.map((node) => node['Node Type'])).not.toContain('Sort');
});
