import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../free-port.ts';
import { Daemon, requirePrograms } from './programs.ts';
import type { TokenService } from './token-service.ts';

/** bcrypt of {@link REGISTRY_PASSWORD}, cost 5: a published test vector of crypt_blowfish. */
const HTPASSWD = 'reader:$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW\n';
/** Characters of the registry's log that are shown when a test fails. */
const MAX_LAST_WORDS = 4_000;

export const REGISTRY_LOGIN = { username: 'reader', password: 'U*U' };

export type TestRegistry = Awaited<ReturnType<typeof startRegistry>>;

/** The OCI registry on loopback, its store in `dir`: open, with a password for everything, or with tokens of a service. */
export async function startRegistry(dir: string, protection: 'open' | 'password' | TokenService) {
  requirePrograms(['docker-registry'], ['docker-registry']);
  mkdirSync(dir, { recursive: true });
  writeFileSync(join(dir, 'htpasswd'), HTPASSWD);
  const port = await freePort();
  const auth = authOf(dir, protection);
  const config = `version: 0.1
log: {level: info}
storage: {filesystem: {rootdirectory: ${join(dir, 'store')}}}
http: {addr: "127.0.0.1:${port}"}
${auth}`;
  writeFileSync(join(dir, 'config.yml'), config);
  const daemon = new Daemon('docker-registry', ['serve', join(dir, 'config.yml')], join(dir, 'registry.log'));
  const host = `127.0.0.1:${port}`;
  await daemon.whenReady(async () => [200, 401].includes((await fetch(`http://${host}/v2/`)).status));
  return {
    host,
    port,
    dir,
    auth: protection === 'open' ? null : REGISTRY_LOGIN,
    /** Why it refused is said in its log alone. */
    lastWords: () => readFileSync(join(dir, 'registry.log'), 'utf8').slice(-MAX_LAST_WORDS),
    stop: () => daemon.stop(),
  };
}

function authOf(dir: string, protection: Parameters<typeof startRegistry>[1]): string {
  if (protection === 'open') return '';
  if (protection === 'password') return `auth: {htpasswd: {realm: test, path: ${join(dir, 'htpasswd')}}}\n`;
  writeFileSync(join(dir, 'tokens.pem'), protection.certificatePem);
  return protection.configuration(join(dir, 'tokens.pem'));
}
