import { randomUUID } from 'node:crypto';
import { beforeAll, describe, test } from 'vitest';
import { buildAgent } from '../build.ts';
import { offer } from './testing/installed-agent.ts';
import { sendRange } from './testing/test-server.ts';
import { candidateWith, installedVersion, openUpgradeWorld } from './testing/upgrade-world.ts';
import { until } from './testing/wait.ts';

/** Each waits for trials to be over, beside others that do too. */
const TIMEOUT_MS = 180_000;

beforeAll(buildAgent, 120_000);

describe.concurrent('a new agent that does not do its work gives way to the one before', {
  timeout: TIMEOUT_MS,
}, () => {
  // `test.each` hands no context to what it repeats.
  for (const fault of ['dies at once', 'dies after a while', 'dies when it seemed well'] as const)
    test(`one that ${fault} is started three times, then the one before runs, says so, and does not try again`, async (context) => {
      const { expect } = context;
      const world = await openUpgradeWorld(context);
      const { agent, server, report, told, reaches, ask } = world;
      const { upgrade, deviceId, slots } = await world.serving();
      const order = offer(server, await candidateWith(fault), { stableS: 30 });
      await upgrade(order);
      const { reason, version } = await reaches('reverted', order, 90_000);
      expect(reason).toMatchObject({ code: 'upgrade.crashed', retry: 'never' });
      expect(version).toBe(installedVersion());
      expect(agent.starts, agent.log.slice(-6_000)).toBe(4);
      expect(told(order).filter((phase) => phase === 'reverted')).toHaveLength(1);
      await until('it serves', async () => (await ask()) === 200);
      const requests = server.state.artifactRequests.length;
      await server.desire(deviceId, slots, undefined, order);
      await until('the same order came again', () => server.latest()?.generation === 3);
      expect(report()).toMatchObject({ phase: 'reverted', order: order.order });
      expect(server.state.artifactRequests).toHaveLength(requests);
      const again = { ...order, order: randomUUID() };
      await upgrade(again);
      await until('a person who asks again is obeyed', () => told(again).includes('switching'), 60_000);
    });

  test('one that never connects goes back in its time; the one before connects at once, so it is to blame', async (context) => {
    const { expect } = context;
    const world = await openUpgradeWorld(context);
    const { agent, server, report, told } = world;
    const { upgrade } = await world.serving();
    const order = offer(server, await candidateWith('never connects'), { confirmWithinS: 10 });
    await upgrade(order);
    await until('it is judged', () => report()?.reason?.retry === 'never' && report()?.phase === 'reverted', 90_000);
    expect(report()).toMatchObject({ version: installedVersion(), reason: { code: 'upgrade.no_server' } });
    expect(told(order).slice(-3)).toEqual(['observing', 'reverting', 'reverted']);
    expect(agent.starts).toBe(1);
  });

  test('one that answers and then loses the server again and again is not confirmed, and goes back', async (context) => {
    const { expect } = context;
    const world = await openUpgradeWorld(context);
    const { server, told, reaches, report } = world;
    const { upgrade } = await world.serving();
    const order = offer(server, await candidateWith('loses the server'), { confirmWithinS: 10, stableS: 5 });
    await upgrade(order);
    await reaches('reverted', order, 90_000);
    expect(report()).toMatchObject({ version: installedVersion(), reason: { code: 'upgrade.no_server' } });
    expect(told(order)).not.toContain('active');
  });

  test('one that hangs is ended by the launcher', async (context) => {
    const { expect } = context;
    const world = await openUpgradeWorld(context);
    const { upgrade } = await world.serving();
    const order = offer(world.server, await candidateWith('hangs'), { confirmWithinS: 5 });
    await upgrade(order);
    expect((await world.reaches('reverted', order, 120_000)).reason).toMatchObject({ code: 'upgrade.crashed' });
  });

  test('one with which the models do not serve goes back', async (context) => {
    const { expect } = context;
    const world = await openUpgradeWorld(context);
    const { upgrade } = await world.serving();
    const order = offer(world.server, await candidateWith('does not serve'), { confirmWithinS: 6 });
    await upgrade(order);
    expect((await world.reaches('reverted', order, 90_000)).reason).toMatchObject({
      code: 'upgrade.slots',
      detail: 'not served again: default',
    });
    await until('it serves', async () => (await world.ask()) === 200);
  });

  test('a server that is lost in the middle is not blamed on the new one: it is tried again when the server is back', async (context) => {
    const { expect } = context;
    const world = await openUpgradeWorld(context);
    const { agent, server, reaches, ask } = world;
    const { upgrade } = await world.serving();
    const candidate = await candidateWith('none');
    const order = offer(server, candidate, { confirmWithinS: 5 });
    server.state.onArtifact = (request, response, bytes) => {
      if (bytes === candidate.bytes) server.state.isAcking = false;
      sendRange(request, response, bytes);
    };
    await upgrade(order);
    await until('it has gone back', () => agent.log.includes('reverting → reverted'), 90_000);
    expect(await until('it serves', async () => (await ask()) === 200)).toBe(true);
    const { since = 0, ...rest } = await reaches('reverted', order);
    expect(rest).toMatchObject({ version: installedVersion(), reason: { retry: 'later' } });
    await until('the one before had no answer in that time either', () => Date.now() - since > 5_000);
    server.state.isAcking = true;
    await server.acknowledge(await agent.deviceId());
    await reaches('active', order, 90_000);
  });
});
