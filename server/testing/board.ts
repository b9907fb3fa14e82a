import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import * as z from 'zod';
import { deviceDataDir } from '../main/demo/installed-device.ts';
import type { LocalState } from '../main/local/state.ts';

const Status = z.object({ pid: z.number(), endpoint: z.string(), deviceId: z.string() });
const Golden = z.object({ cases: z.array(z.object({ inputs: z.array(z.unknown()) })).min(1) });
const Metadata = z.object({ versions: z.array(z.string()).min(1) });

const golden = resolve(import.meta.dirname, '../../agent/demo-models/vibration-fault-1.0.0.golden.json');

/** What somebody on the board sees of its agent: the status file, the log, and the local Open Inference Protocol v2 endpoint. */
export class Board {
  readonly dataDir: string;
  private readonly logFile: string;

  constructor({ devicesDir, logDir }: Pick<LocalState, 'devicesDir' | 'logDir'>, name: string) {
    this.dataDir = deviceDataDir(join(devicesDir, name));
    this.logFile = join(logDir, `${name}.log`);
  }

  async deviceId(): Promise<string> {
    return (await this.status()).deviceId;
  }

  log(): string {
    return readFileSync(this.logFile, 'utf8');
  }

  /** The version that answers, null when none does. */
  async servedVersion(): Promise<string | null> {
    try {
      const response = await fetch(`${(await this.status()).endpoint}/v2/models/vibration-fault`);
      return response.ok ? (Metadata.parse(await response.json()).versions[0] ?? null) : null;
    } catch {
      return null;
    }
  }

  /** Asks for inferences until told to stop, and says how many were answered and what went wrong with the others. */
  load(everyMs: number): { stop: () => Promise<{ answered: number; failures: string[] }> } {
    let isStopped = false;
    const seen = { answered: 0, failures: [] as string[] };
    const { inputs } = Golden.parse(JSON.parse(readFileSync(golden, 'utf8'))).cases[0] ?? { inputs: [] };
    const asking = (async () => {
      for (; !isStopped; await delay(everyMs)) {
        const { endpoint } = await this.status();
        const answer = await fetch(`${endpoint}/v2/models/vibration-fault/infer`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ inputs }),
        }).then(
          async (response) => ({ ok: response.ok, text: await response.text() }),
          (error: unknown) => ({ ok: false, text: String(error) }),
        );
        if (answer.ok) seen.answered += 1;
        else seen.failures.push(`${new Date().toISOString()} ${answer.text}`);
      }
      return seen;
    })();
    return {
      stop: () => {
        isStopped = true;
        return asking;
      },
    };
  }

  private async status(): Promise<z.infer<typeof Status>> {
    return Status.parse(JSON.parse(await readFile(join(this.dataDir, 'run/status.json'), 'utf8')));
  }
}
