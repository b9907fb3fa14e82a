import pg from 'pg';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { takeLease } from '../db/leases.ts';
import type { StoredRelease } from '../db/releases.ts';
import { CreateRollout, createRollout } from '../services/rollouts/create-rollout.ts';
import { demoRelease, onlineDevices } from '../testing/fleet.ts';
import { recordingLogger } from '../testing/logger.ts';
import { type TestFleet, testFleet } from '../testing/test-fleet.ts';
import { releaseEngine, tickEngine } from './engine.ts';

let deps: TestFleet['deps'];
let ours: TestFleet['ours'];
let pool: pg.Pool;
let log: ReturnType<typeof recordingLogger>;
let release: StoredRelease;
const holding: pg.Client[] = [];
const fleet = testFleet(async (made) => {
  log = recordingLogger();
  ({ ours, pool } = made);
  deps = { ...made.deps, logger: log.logger };
  await onlineDevices(deps, ours.owner, made.ingest, 'ab');
  release = await demoRelease(deps, ours.owner, '1.0.0');
});
afterEach(async () => {
  await Promise.all(holding.splice(0).map((client) => client.end()));
  await pool.query('DELETE FROM rollout');
  await pool.query('DELETE FROM lease');
});

const tick = (holder: string) => tickEngine(deps, holder);
/** A rollout to both devices. In another slot it does not meet one in the first. */
const start = async (slot = 'default') => {
  const waves = [{ name: 'All', size: { percent: 100 } }];
  const input = CreateRollout.parse({ releaseId: release.id, start: true, plan: { slot, waves } });
  return (await createRollout(deps, ours.owner, input)).id;
};
/** What the engine decided about it, in order. */
const decided = async (rolloutId: string) =>
  (await fleet.db.rolloutDecision.findMany({ where: { rolloutId, actorKind: 'engine' }, orderBy: { id: 'asc' } })).map(
    ({ kind }) => kind,
  );
const FIRST_TICK = ['start-wave', 'notify'];
const expireLease = () => pool.query(`UPDATE lease SET expires_at = now() - interval '1 second'`);
const holders = async () => (await fleet.db.lease.findMany()).map(({ holder }) => holder);
/** Ticks that wait for a row that {@link hold} holds. */
const waiting = async () => {
  const { rows } = await pool.query(
    `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
  );
  return rows.length;
};

/** Holds a rollout's row, as a slow decision does, until it is let go; by then `change` has happened to it. */
async function hold(rolloutId: string): Promise<{ letGo: (change?: string) => Promise<void> }> {
  const client = new pg.Client({ connectionString: fleet.databaseUrl });
  holding.push(client);
  await client.connect();
  await client.query('BEGIN');
  await client.query('SELECT 1 FROM rollout WHERE id = $1 FOR UPDATE', [rolloutId]);
  return {
    letGo: async (change) => {
      if (change) await client.query(change, [rolloutId]);
      await client.query('COMMIT');
    },
  };
}

describe('the lease', () => {
  it('lets only its holder tick', async () => {
    await tick('a');
    const id = await start();
    await tick('b');
    expect(await decided(id)).toEqual([]);
    await tick('a');
    expect(await decided(id)).toEqual(FIRST_TICK);
  });

  it('goes to another worker when it has run out, as after a crash', async () => {
    await tick('a');
    const id = await start();
    await expireLease();
    await tick('b');
    expect(await decided(id)).toEqual(FIRST_TICK);
    await tick('a');
    expect(await holders()).toEqual(['b']);
  });

  it('is free at once when its holder stops', async () => {
    await tick('a');
    const id = await start();
    await releaseEngine(deps, 'a');
    await tick('b');
    expect(await decided(id)).toEqual(FIRST_TICK);
  });
});

describe('a tick that lasts longer than its lease', () => {
  it('leaves the rollouts that it has not come to to the new holder', async () => {
    const [slow, next] = [await start(), await start('second')];
    const held = await hold(slow);
    const late = tick('a');
    await vi.waitFor(async () => expect(await waiting()).toBe(1), 5_000);
    await expireLease();
    expect(await takeLease(fleet.db, 'rollout-engine', 'b', 60_000)).toBe(true);
    await held.letGo();
    await late;
    expect(await decided(next)).toEqual([]);
    await tick('b');
    expect(await decided(next)).toEqual(FIRST_TICK);
    expect(await decided(slow)).toEqual(FIRST_TICK);
  });

  it('renews it for each rollout, so that none takes it over as long as it gets on', async () => {
    const [first, second] = [await start(), await start('second')];
    const [heldFirst, heldSecond] = [await hold(first), await hold(second)];
    const late = tick('a');
    await vi.waitFor(async () => expect(await waiting()).toBe(1), 5_000);
    await expireLease();
    await heldFirst.letGo();
    await vi.waitFor(async () => expect([await decided(first), await waiting()]).toEqual([FIRST_TICK, 1]), 5_000);
    await tick('b');
    expect(await holders()).toEqual(['a']);
    await heldSecond.letGo();
    await late;
    expect(await decided(second)).toEqual(FIRST_TICK);
  });

  it('and the new holder’s decide the same things once, on what is true by then', async () => {
    const id = await start();
    const held = await hold(id);
    const late = tick('a');
    await vi.waitFor(async () => expect(await waiting()).toBe(1), 5_000);
    await expireLease();
    const taken = tick('b');
    await vi.waitFor(async () => expect(await waiting()).toBe(2), 5_000);
    await held.letGo();
    await Promise.all([late, taken]);
    expect(await decided(id)).toEqual(FIRST_TICK);
    const documents = await fleet.db.desiredState.findMany({ where: { organizationId: ours.organizationId } });
    expect(documents.map(({ generation }) => generation)).toEqual([1, 1]);
  });

  it('decides nothing about a rollout that a person paused meanwhile', async () => {
    const id = await start();
    const held = await hold(id);
    const late = tick('a');
    await vi.waitFor(async () => expect(await waiting()).toBe(1), 5_000);
    await held.letGo(`UPDATE rollout SET state = 'paused' WHERE id = $1`);
    await late;
    expect(await decided(id)).toEqual([]);
    expect(await fleet.db.desiredState.count({ where: { organizationId: ours.organizationId } })).toBe(0);
  });
});

describe('a rollout that cannot be advanced', () => {
  it('is logged and tried again, and stops no other', async () => {
    const [broken, sound] = [await start(), await start('second')];
    const { plan } = await fleet.db.rollout.findUniqueOrThrow({ where: { id: broken } });
    await pool.query(`UPDATE rollout SET plan = '{"waves": []}' WHERE id = $1`, [broken]);
    await tick('a');
    expect(await decided(sound)).toEqual(FIRST_TICK);
    expect(await decided(broken)).toEqual([]);
    expect(log.lines.map(({ level, rolloutId }) => [level, rolloutId])).toEqual([['error', broken]]);
    await pool.query('UPDATE rollout SET plan = $2 WHERE id = $1', [broken, JSON.stringify(plan)]);
    await tick('a');
    expect(await decided(broken)).toEqual(FIRST_TICK);
    expect(log.lines).toHaveLength(1);
  });

  it('leaves nothing of what was decided halfway', async () => {
    const id = await start();
    await pool.query('ALTER TABLE outbox ADD CONSTRAINT is_full CHECK (false) NOT VALID');
    await tick('a');
    await pool.query('ALTER TABLE outbox DROP CONSTRAINT is_full');
    expect(log.lines.map(({ level, rolloutId }) => [level, rolloutId])).toEqual([['error', id]]);
    expect(await decided(id)).toEqual([]);
    const deployments = await fleet.db.deployment.findMany({ where: { rolloutId: id } });
    expect(deployments.map(({ state }) => state)).toEqual(['queued', 'queued']);
    await tick('a');
    expect(await decided(id)).toEqual(FIRST_TICK);
  });
});
