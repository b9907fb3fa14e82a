import { topicOf } from '@flotilla/protocol';
import mqtt from 'mqtt';
import type pg from 'pg';
import type { Simulator } from '../../main/local/simulator.ts';
import type { Stack } from '../../main/local/stack.ts';
import { until } from '../../main/local/until.ts';
import { loadServerClientTls } from '../../pki/tls.ts';

const TIMEOUT_MS = 120_000;

/** Publishes on their way at once, as in the worker's outbox. */
const IN_FLIGHT = 200;

/**
 * The peer: the same signed documents once more from a bare MQTT client through the same broker to the same devices, until the last
 * device has read its own. No database, no decision, no answer.
 */
export async function rawFanOutS(
  { environment, state }: Stack,
  database: pg.Pool,
  simulator: Simulator,
): Promise<number> {
  const { rows } = await database.query<{ device_id: string; jws: string }>('SELECT device_id, jws FROM desired_state');
  const tls = await loadServerClientTls(state.pkiDir);
  const url = environment.FLOTILLA_MQTT_SERVER_URL ?? '';
  const client = await mqtt.connectAsync(url, { ...tls, clientId: 'server-bench', clean: true, protocolVersion: 4 });
  try {
    const before = (await simulator.report()).ledger.documents;
    const startedMs = performance.now();
    for (let at = 0; at < rows.length; at += IN_FLIGHT) {
      const some = rows.slice(at, at + IN_FLIGHT);
      await Promise.all(
        some.map(({ device_id, jws }) =>
          client.publishAsync(topicOf(device_id, 'desired'), jws, { qos: 1, retain: true }),
        ),
      );
    }
    await until('every device to have its document', TIMEOUT_MS, async () => {
      const { connected, ledger } = await simulator.report();
      return ledger.documents - before >= Math.min(connected, rows.length);
    });
    return (performance.now() - startedMs) / 1000;
  } finally {
    await client.endAsync();
  }
}
