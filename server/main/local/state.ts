import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import * as z from 'zod';
import { isRoot } from './postgres-binaries.ts';

const Secrets = z.object({ postgresPassword: z.string().min(20), sessionSecret: z.string().min(32) });

export type LocalState = {
  dir: string;
  pkiDir: string;
  artifactsDir: string;
  postgresDir: string;
  logDir: string;
  devicesDir: string;
  secrets: z.infer<typeof Secrets>;
};

/** Kinds of installation that live side by side in one state folder. */
export type Instance = 'local' | 'demo' | 'simulation' | 'bench';

/** The one folder that holds everything, owner-only, with secrets made on first use. */
export async function openState(stateDir: string, instance: Instance): Promise<LocalState> {
  const dir = resolve(stateDir, instance);
  const inside = (name: string) => join(dir, name);
  await mkdir(dir, { recursive: true, mode: 0o700 });
  for (const name of ['logs', 'artifacts', 'pki', 'devices'])
    await mkdir(inside(name), { recursive: true, mode: 0o700 });
  // PostgreSQL does not run as root; its user must be able to pass through to its own folder, and see nothing on the way.
  for (const folder of [resolve(stateDir), dir]) await chmod(folder, isRoot() ? 0o711 : 0o700);
  return {
    dir,
    pkiDir: inside('pki'),
    artifactsDir: inside('artifacts'),
    postgresDir: inside('postgres'),
    logDir: inside('logs'),
    devicesDir: inside('devices'),
    secrets: await readSecrets(inside('secrets.json')),
  };
}

async function readSecrets(path: string): Promise<z.infer<typeof Secrets>> {
  const text = await readFile(path, 'utf8').catch(() => null);
  if (text !== null) return Secrets.parse(JSON.parse(text));
  const secrets = {
    postgresPassword: randomBytes(24).toString('base64url'),
    sessionSecret: randomBytes(48).toString('base64url'),
  };
  await writeFile(path, JSON.stringify(secrets), { mode: 0o600, flag: 'wx' });
  return secrets;
}
