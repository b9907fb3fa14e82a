import { type ChildProcess, spawn } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AgentPackage, DesiredAgent } from '@flotilla/protocol';
import { bundle } from '../../bundle.ts';
import { archive } from '../../package.ts';
import type { AgentStatus } from '../agent/status-file.ts';
import { faults } from './faults.ts';
import { TEST_TOKEN, type TestServer } from './test-server.ts';
import { until } from './wait.ts';

const agentDir = join(import.meta.dirname, '../..');

/** As systemd waits before it starts a program again that ended by itself. */
const RESTART_MS = 100;

export type Candidate = { version: string; bytes: Buffer; package: AgentPackage };

/** A whole bundle of this agent with another build in its version, packed without Node and ONNX Runtime: the device has them. */
export async function buildCandidate(buildId: string, fault: keyof typeof faults = 'none'): Promise<Candidate> {
  const dir = mkdtempSync(join(tmpdir(), 'flotilla-candidate-'));
  const top = join(dir, 'root/flotilla-agent');
  mkdirSync(top, { recursive: true });
  await bundle(top, buildId, faults[fault]);
  const packed = await archive(join(dir, 'root'), join(dir, 'package.tar.gz'));
  const bytes = readFileSync(join(dir, 'package.tar.gz'));
  rmSync(dir, { recursive: true });
  const { version } = JSON.parse(readFileSync(join(agentDir, 'package.json'), 'utf8'));
  return { version: `${version}+${buildId}`, bytes, package: packed };
}

/** Offers a package to devices, and says it as a desired state does. */
export function offer(server: TestServer, candidate: Candidate, changes: Partial<DesiredAgent> = {}): DesiredAgent {
  server.artifacts.set(createHash('sha256').update(candidate.bytes).digest('hex'), candidate.bytes);
  const packages = { [`${process.platform}-${process.arch}`]: candidate.package };
  return { order: randomUUID(), version: candidate.version, packages, stableS: 1, ...changes };
}

/** An agent as `install.sh` leaves it, with its launcher, started again whenever it ends, as systemd does. */
export class InstalledAgent {
  readonly home: string;
  /** The same for all programs that run here. */
  readonly endpoint: string;
  log = '';
  starts = 0;
  /** Called when a program has ended, before it is started again. */
  onExit: () => void = () => {};
  #child: ChildProcess | null = null;
  #isStopped = false;
  #running: Promise<void> = Promise.resolve();

  constructor(home: string, port: number) {
    this.home = home;
    this.endpoint = `http://127.0.0.1:${port}`;
    if (existsSync(join(home, 'agent'))) return;
    mkdirSync(join(home, 'agent'), { recursive: true });
    mkdirSync(join(home, 'data'));
    for (const name of ['agent.mjs', 'runner.mjs']) cpSync(join(agentDir, 'dist', name), join(home, 'agent', name));
    symlinkSync(join(agentDir, '../node_modules'), join(home, 'node_modules'));
    const script = readFileSync(join(agentDir, 'launcher.sh'), 'utf8');
    const launcher = script.replaceAll('@DIR@', home).replaceAll('@NODE@', process.execPath);
    writeFileSync(this.launcher, launcher, { mode: 0o755 });
  }

  get launcher(): string {
    return join(this.home, 'flotilla-agent');
  }

  get data(): string {
    return join(this.home, 'data');
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  start(server: TestServer, environment: NodeJS.ProcessEnv = {}): this {
    this.#isStopped = false;
    this.#running = this.#keepRunning(server, environment);
    return this;
  }

  async #keepRunning(server: TestServer, environment: NodeJS.ProcessEnv): Promise<void> {
    const args = [
      'up',
      '--server',
      server.url,
      '--token',
      TEST_TOKEN,
      '--dir',
      this.data,
      '--oip-port',
      new URL(this.endpoint).port,
    ];
    while (!this.#isStopped) {
      this.starts += 1;
      const env = { PATH: process.env.PATH, HOME: this.home, ...environment };
      const child = spawn(this.launcher, [...args, '--engine-socket', join(this.home, 'none.sock')], {
        env,
        stdio: 'pipe',
      });
      this.#child = child;
      for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (this.log += chunk));
      await new Promise((resolve) => child.once('exit', resolve));
      this.onExit();
      if (!this.#isStopped) await new Promise((resolve) => setTimeout(resolve, RESTART_MS));
    }
  }

  /** What the process that runs now says of itself; null before it says anything. */
  get status(): AgentStatus | null {
    const path = join(this.data, 'run/status.json');
    const status = existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as AgentStatus) : null;
    return status?.pid === this.pid ? status : null;
  }

  async deviceId(): Promise<string> {
    return (await until('the agent is connected', () => this.status?.connection.isConnected && this.status)).deviceId;
  }

  async stop(signal: 'SIGKILL' | 'SIGTERM' = 'SIGKILL'): Promise<void> {
    this.#isStopped = true;
    this.#child?.kill(signal);
    await this.#running;
  }
}
