import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '../../src/testing/wait.ts';
import { enrollAgent, type Template } from './device.ts';

/** A new device dies at one operation of its enrolment: the next start ends in one device that is connected. */
export async function runEnrolPoint(template: Template, at: number): Promise<string[]> {
  const { server } = template;
  const dir = mkdtempSync(join(template.dir, '../new-'));
  const before = server.devices.size;
  let agent = enrollAgent(template, dir, { mode: 'kill', at });
  try {
    const connected = until('it is connected', () => agent.status?.connection.isConnected || agent.child.signalCode);
    await connected;
    await agent.kill();
    agent = enrollAgent(template, dir);
    const deviceId = await agent.deviceId();
    const made = [...server.devices.values()].slice(before);
    return made.length === 1 && made[0] === deviceId ? [] : [`${made.length} devices were made of one`];
  } catch (error) {
    return [`${error instanceof Error ? error.message : error}; ${agent.log.slice(-600)}`];
  } finally {
    await agent.kill();
    rmSync(dir, { recursive: true, force: true });
  }
}
