import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AgentStatus } from '../agent/status-file.ts';
import { TEST_TOKEN, type TestServer } from './test-server.ts';
import { until } from './wait.ts';

/** The bundle of `agent/build.ts`. */
export const agentProgram = join(import.meta.dirname, '../../dist/agent.mjs');

/** The bundled agent as a device runs it. */
export class AgentProcess {
  readonly child: ChildProcess;
  readonly exited: Promise<{ code: number | null; signal: string | null }>;
  readonly dir: string;
  log = '';

  constructor(dir: string, args: string[], nodeOptions: string[] = []) {
    this.dir = dir;
    const env = { PATH: process.env.PATH, HOME: dir };
    this.child = spawn(process.execPath, [...nodeOptions, agentProgram, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env,
    });
    for (const stream of [this.child.stdout, this.child.stderr]) stream?.on('data', (chunk) => (this.log += chunk));
    this.exited = new Promise((resolve) => this.child.once('exit', (code, signal) => resolve({ code, signal })));
  }

  static up(server: TestServer, dir: string, extra: string[] = []): AgentProcess {
    return new AgentProcess(dir, [
      'up',
      '--server',
      server.url,
      '--token',
      TEST_TOKEN,
      '--dir',
      dir,
      '--oip-port',
      '0',
      '--engine-socket',
      join(dir, 'no-engine.sock'),
      ...extra,
    ]);
  }

  /** What this very process says of itself; null before it says anything. */
  get status(): AgentStatus | null {
    const path = join(this.dir, 'run/status.json');
    const status = existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as AgentStatus) : null;
    return status?.pid === this.child.pid ? status : null;
  }

  async deviceId(): Promise<string> {
    return (await until('the agent is connected', () => this.status?.connection.isConnected && this.status)).deviceId;
  }

  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.exited;
  }

  async stop(): Promise<{ code: number | null; signal: string | null }> {
    this.child.kill('SIGTERM');
    return await this.exited;
  }
}
