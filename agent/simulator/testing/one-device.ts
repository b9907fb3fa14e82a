import { generateKeyPairSync } from 'node:crypto';
import { type DesiredSlot, topicOf } from '@flotilla/protocol';
import { createCsr } from '../../src/identity/csr.ts';
import { askUntilAnswered } from '../../src/identity/enroll.ts';
import { makeRelease, uuid } from '../../src/testing/release.ts';
import { startTestServer, TEST_TOKEN } from '../../src/testing/test-server.ts';
import { until } from '../../src/testing/wait.ts';
import { Fleet } from '../fleet.ts';
import { factsOf, hardwareOf } from '../hardware.ts';
import { Scenario } from '../scenarios.ts';

const logger = { log: () => undefined, setLevel: () => undefined, addSink: () => undefined };
const sha256 = 'a'.repeat(64);

/** Bytes of the one file that the releases here have in common. */
export const RELEASE_BYTES = 40_000;

export type OneDevice = Awaited<ReturnType<typeof startOneDevice>>;

/** One virtual device, enrolled over HTTP and connected over mutual TLS to a test server, and the script begun. */
export async function startOneDevice(settings: object) {
  const server = await startTestServer();
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const request = { token: TEST_TOKEN, csr: createCsr(privateKey), facts: factsOf('sim-1', hardwareOf(1, 0)) };
  const order = { serverUrl: server.url, signal: AbortSignal.timeout(10_000) };
  const answer = await askUntilAnswered({ logger, random: Math.random }, order, JSON.stringify(request));
  const { deviceId, certificate, ca, mqttUrl, trustedKeys } = answer;
  const key = String(privateKey.export({ type: 'pkcs8', format: 'pem' }));
  const target = { mqttUrl, deviceId, key, certificate, ca };
  const identities = [{ index: 0, deviceId, name: 'sim-1', target }];
  const enrolled = { identities, trustedKeys, enrolled: 1, enrollS: 0 };
  const scenario = Scenario.parse({ pace: 0, ...settings });
  const fleet = new Fleet({ enrolled, scenario, seed: 1, badVersion: null, firstVersion: null, logger });
  await fleet.connect(() => undefined);
  fleet.begin();
  return {
    server,
    fleet,
    deviceId,
    /** Tells it to serve the n-th release. */
    desire: (n: number) => server.desire(deviceId, { default: slotOf(n) }),
    /** Tells it the same as before, or something else, under a number of one's own. */
    tell: async (generation: number, n: number) => {
      const jws = await server.sign({ generation, slots: { default: slotOf(n) } });
      await server.publish(topicOf(deviceId, 'desired'), jws);
    },
    reaches: (n: number, phase: string) =>
      until(`${phase} of ${n}`, () => {
        const report = server.latest()?.slots.default;
        return report?.deployment === deploymentOf(n) && report.phase === phase;
      }),
    phases: (n: number) => server.phases(deploymentOf(n)),
    stop: async () => {
      await fleet.stop();
      await server.stop();
    },
  };
}

export function slotOf(n: number): DesiredSlot {
  const files = [{ path: 'm.onnx', sha256, sizeBytes: RELEASE_BYTES, role: 'model' as const }];
  return { deployment: deploymentOf(n), release: makeRelease(n, { files }) };
}

function deploymentOf(n: number): string {
  return uuid(5000 + n);
}
