import * as z from 'zod';

/** A registry that takes longer is down. */
const TIMEOUT_MS = 10_000;
const MAX_ANSWER_BYTES = 64 * 1024;

/** What the Docker token specification says when the service does not. */
const DEFAULT_TOKEN_LIFE_S = 60;

const Token = z.object({
  token: z.string().min(1).optional(),
  access_token: z.string().min(1).optional(),
  expires_in: z.number().int().min(1).optional(),
});

export type Login = { username: string; password: string };
export type PullToken =
  | { kind: 'token'; token: string; lifeS: number }
  /** It has no token service: user and password are what it takes. */
  | { kind: 'no-tokens' }
  | { kind: 'refused'; detail: string };

/** Asks for a token that pulls one repository. @throws when the registry or its token service does not answer. */
export type AskPullToken = (registry: string, repository: string, login: Login) => Promise<PullToken>;

/**
 * The Docker Registry token authentication, https://distribution.github.io/distribution/spec/auth/token/. Plain HTTP on loopback only; no
 * redirects, so that a password goes to the token service that the registry names and nowhere else.
 */
export const askPullToken: AskPullToken = async (registry, repository, login) => {
  const probe = await ask(
    `${schemeOf(registry)}://${registry === 'docker.io' ? 'registry-1.docker.io' : registry}/v2/`,
  );
  const challenge = probe.headers.get('www-authenticate') ?? '';
  if (!/^bearer\s/i.test(challenge)) return { kind: 'no-tokens' };
  const field = (name: string) => new RegExp(`\\b${name}="([^"]*)"`, 'i').exec(challenge)?.[1];
  const realm = field('realm') ?? '';
  if (!URL.canParse(realm)) return { kind: 'refused', detail: 'its token service has no address' };
  const url = new URL(realm);
  if (url.protocol !== 'https:' && schemeOf(url.host) !== 'http') {
    return { kind: 'refused', detail: 'its token service is not reached over HTTPS' };
  }
  const service = field('service');
  if (service) url.searchParams.set('service', service);
  url.searchParams.set('scope', `repository:${repository}:pull`);
  const authorization = `Basic ${Buffer.from(`${login.username}:${login.password}`).toString('base64')}`;
  const answer = await ask(url.href, { authorization });
  if (answer.status === 401 || answer.status === 403) return { kind: 'refused', detail: `status ${answer.status}` };
  if (answer.status !== 200) throw new Error(`the token service of ${registry} answered ${answer.status}`);
  const parsed = Token.parse(JSON.parse(answer.text));
  const token = parsed.token ?? parsed.access_token;
  if (!token) throw new Error(`the token service of ${registry} gave no token`);
  return { kind: 'token', token, lifeS: parsed.expires_in ?? DEFAULT_TOKEN_LIFE_S };
};

async function ask(url: string, headers: Record<string, string> = {}) {
  const response = await fetch(url, { headers, redirect: 'manual', signal: AbortSignal.timeout(TIMEOUT_MS) });
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const chunk of response.body ?? []) {
    sizeBytes += chunk.length;
    if (sizeBytes > MAX_ANSWER_BYTES) throw new Error(`${new URL(url).host} gave more than ${MAX_ANSWER_BYTES} bytes`);
    chunks.push(chunk);
  }
  return { status: response.status, headers: response.headers, text: Buffer.concat(chunks).toString('utf8') };
}

function schemeOf(host: string): 'http' | 'https' {
  return /^(localhost|127\.\d+\.\d+\.\d+)(:\d+)?$/.test(host) ? 'http' : 'https';
}
