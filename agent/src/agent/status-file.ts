import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { AgentReport, SlotReport } from '@flotilla/protocol';

/** What `flotilla-agent status` prints. `isRunning` is looked up when it is read. */
export type AgentStatus = {
  deviceId: string;
  agentVersion: string;
  pid: number;
  endpoint: string;
  connection: { isConnected: boolean; session: number; server: string };
  generation: number;
  slots: Record<string, SlotReport>;
  agent: AgentReport;
  spoolBytes: number;
  at: string;
};

/** For people and scripts on the device, not for the agent: no fsync, and a failure to write it means nothing. */
export function writeStatus(path: string, status: AgentStatus): void {
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(`${path}.new`, JSON.stringify(status, null, 2), { mode: 0o600 });
    renameSync(`${path}.new`, path);
  } catch {
    // A full disk is reported where it matters.
  }
}

/** null when no agent ever ran here. */
export function readStatus(path: string): (AgentStatus & { isRunning: boolean }) | null {
  try {
    const status = JSON.parse(readFileSync(path, 'utf8')) as AgentStatus;
    return { isRunning: isAlive(status.pid), ...status };
  } catch {
    return null;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
