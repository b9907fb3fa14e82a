import { expect, test } from 'vitest';
import { deployment, useAgents } from './testing/agent-suite.ts';
import { demoRelease } from './testing/demo-release.ts';
import { until } from './testing/wait.ts';

const suite = useAgents();
const input = { source: 'http' } as const;
const tensor = { name: 'signal', datatype: 'FP32', shape: [1, 256], data: Array.from({ length: 256 }, () => 0.5) };

test('a release that is too slow is taken back with the server and the broker gone', async () => {
  const agent = suite.start();
  const deviceId = await agent.deviceId();
  const first = demoRelease(suite.server.artifacts, 1, { input });
  await suite.server.desire(deviceId, { default: { deployment: deployment(1), release: first } });
  await suite.reaches(deployment(1), 'active');
  const observe = { seconds: 3_600, maxErrorRate: 0.05, maxCrashes: 0, maxLatencyP95Ms: 0.001 };
  const slow = demoRelease(suite.server.artifacts, 2, { input, observe });
  await suite.server.desire(deviceId, { default: { deployment: deployment(2), release: slow } });
  await suite.reaches(deployment(2), 'observing');
  await suite.server.stop();

  const url = `${agent.status?.endpoint}/v2/models/vibration-fault`;
  const slot = () => agent.status?.slots.default;
  let asked = 0;
  await until('it went back', async () => {
    const response = await fetch(`${url}/infer`, { method: 'POST', body: JSON.stringify({ inputs: [tensor] }) });
    expect(response.status).toBe(200);
    asked += 1;
    return slot()?.phase === 'reverted';
  });
  expect(asked).toBeGreaterThanOrEqual(20);
  expect(slot()).toMatchObject({ reason: { code: 'observe.latency', retry: 'never' } });
  expect(await (await fetch(url)).json()).toMatchObject({ versions: ['1.0.0'] });
});
