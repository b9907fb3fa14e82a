import { type EnrollResponse, Reported, Session, topicOf } from '@flotilla/protocol';
import { testFacts } from '../../server/testing/enrollment.ts';
import { deviceOptions } from '../../server/testing/mqtt.ts';
import { deviceKeyAndCsr } from '../../server/testing/pki.ts';
import { SpoolDevice, type SpoolWindow } from '../../server/testing/spool-device.ts';
import { sharedStack } from './shared.ts';
import type { Tenant } from './tenant.ts';

const RESEND_MS = 2_000;
const SENT_TIMEOUT_MS = 20_000;

/** A device on the wire that tells the windows it is given, as one that was cut off tells those of the last hours. */
export class CountingDevice {
  readonly id: string;
  private readonly spool: SpoolDevice;

  private constructor(id: string, spool: SpoolDevice) {
    this.id = id;
    this.spool = spool;
  }

  /** Joins by the front door, connects, and says that it serves this release. */
  static async join({ rest }: Tenant, name: string, serving: { releaseId: string; version: string; sha256: string }) {
    const wanted = { name: `For ${name}`, labels: { site: 'oslo' }, maxUses: 1, expiresInS: 3600 };
    const { secret } = await rest.call<{ secret: string }>('POST', '/enrollment-tokens', wanted);
    const key = await deviceKeyAndCsr(name);
    const response = await fetch(`${sharedStack().url}/api/agent/v1/enroll`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token: secret, csr: key.csr, facts: testFacts, name }),
    });
    if (!response.ok) throw new Error(`${name} was not enrolled: ${response.status} ${await response.text()}`);
    const answer = (await response.json()) as EnrollResponse;
    const { deviceId, certificate, mqttUrl } = answer;
    const tls = deviceOptions({ ...key, deviceId, certificate, response: answer });
    const spool = new SpoolDevice(mqttUrl, deviceId, tls, { resendAfterMs: RESEND_MS });
    await spool.connected;
    const device = new CountingDevice(deviceId, spool);
    await device.says(serving);
    return device;
  }

  /** Sends windows, and waits until the server has acknowledged them all. */
  async tells(windows: readonly SpoolWindow[]): Promise<void> {
    for (const window of windows) this.spool.add(window);
    const deadline = Date.now() + SENT_TIMEOUT_MS;
    while (this.spool.heldCount > 0 && Date.now() < deadline) await new Promise((done) => setTimeout(done, 50));
    if (this.spool.heldCount > 0) throw new Error(`${this.spool.heldCount} windows were not acknowledged.`);
  }

  end(): Promise<void> {
    return this.spool.end();
  }

  private async says({ releaseId, version, sha256 }: { releaseId: string; version: string; sha256: string }) {
    const since = Date.now();
    const session = {
      online: true,
      session: since,
      boot: this.spool.boot,
      agentVersion: '0.1.0',
      protocol: 1,
      at: since,
    };
    const serving = { releaseId, modelName: 'vibration-fault', modelVersion: version, sha256, since };
    const slots = { default: { phase: 'idle' as const, since, serving } };
    await this.publish('session', Session.parse(session));
    await this.publish('reported', Reported.parse({ session: since, rev: 1, generation: 1, slots }));
  }

  private async publish(kind: 'session' | 'reported', body: object): Promise<void> {
    await this.spool.client.publishAsync(topicOf(this.id, kind), JSON.stringify(body), { qos: 1, retain: true });
  }
}
