import { readdir, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import type { ArchiveFile } from './tar.ts';

/** Longest part of one file in the archive; of a log its end. */
const MAX_FILE_BYTES = 1024 * 1024;

/** Files of one folder that are listed. */
const MAX_LISTED = 500;

/** Values under these names stay on the device. */
const SECRET = /secret|password|token|credential|private|\benv$|pem$|^jws$|authorization|\bkey$/i;

export type DiagnosticsPorts = {
  /** Named values that are written as JSON. */
  facts: () => Promise<Record<string, unknown>>;
  log: () => Promise<string>;
  dir: string;
  /** Files with the journals of the slots. */
  journals: () => Promise<{ name: string; text: string }[]>;
};

/** What helps to find out from afar why a device does what it does. No key, no token, no input of a model. */
export async function collectDiagnostics(ports: DiagnosticsPorts): Promise<ArchiveFile[]> {
  const facts = Object.entries(await ports.facts());
  const journals = (await ports.journals()).map(({ name, text }) => ({
    name: `journals/${name}`,
    value: parsed(text),
  }));
  const values = [
    ...facts.map(([name, value]) => ({ name: `${name}.json`, value })),
    { name: 'disk.json', value: await diskOf(ports.dir) },
    ...journals,
  ];
  const log = Buffer.from(await ports.log());
  return [
    ...values.map(({ name, value }) => ({
      name,
      bytes: Buffer.from(`${JSON.stringify(withoutSecrets(value), null, 1)}\n`).subarray(0, MAX_FILE_BYTES),
    })),
    { name: 'agent.log', bytes: log.subarray(Math.max(0, log.length - MAX_FILE_BYTES)) },
  ];
}

/** The same value with everything left out whose name says that it is secret. */
export function withoutSecrets(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutSecrets);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [name, SECRET.test(name) ? '(left out)' : withoutSecrets(each)]),
  );
}

async function diskOf(dir: string) {
  const disk = await statfs(dir).catch(() => null);
  const folders: Record<string, { name: string; bytes: number }[]> = {};
  for (const folder of ['artifacts', 'spool/events', 'spool/telemetry', 'slots', 'logs']) {
    const names = await readdir(join(dir, folder)).catch(() => []);
    folders[folder] = await Promise.all(
      names.slice(0, MAX_LISTED).map(async (name) => {
        const found = await stat(join(dir, folder, name)).catch(() => null);
        return { name, bytes: found?.isFile() ? found.size : 0 };
      }),
    );
  }
  const free = disk && { totalBytes: disk.blocks * disk.bsize, freeBytes: disk.bavail * disk.bsize };
  return { ...free, folders };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return { damaged: text.slice(0, 1000) };
  }
}
