import type { IncomingMessage } from 'node:http';
import type { RegistryTokenResponse } from '@flotilla/protocol';
import * as z from 'zod';
import { HttpProblem, openHttp, readText } from '../../connection/http.ts';
import { messageOf } from '../../logger.ts';
import { ReasonError } from '../../reason-error.ts';
import { type ImageReference, registryUrl } from '../image/image-reference.ts';
import { basicHeader, parseChallenge, tokenUrl } from './challenge.ts';

/** Blobs often lie elsewhere, behind one redirect or two. */
const MAX_REDIRECTS = 5;

export type RegistryPorts = {
  /** Asks the server what to show this registry. Rejects when it cannot be asked. */
  credentials: (image: string, signal: AbortSignal) => Promise<RegistryTokenResponse>;
};

const Token = z.looseObject({ token: z.string().optional(), access_token: z.string().optional() });

/**
 * Reads one repository of an OCI registry. Credentials are asked for when the registry wants some, are kept in memory for this
 * pull alone, and are shown to the registry's own host only: a redirect to another host goes without.
 */
export class Repository {
  readonly #ports: RegistryPorts;
  readonly #image: ImageReference;
  #authorization: string | null = null;

  constructor(ports: RegistryPorts, image: ImageReference) {
    this.#ports = ports;
    this.#image = image;
  }

  async openManifest(digest: string, accept: string, signal: AbortSignal): Promise<IncomingMessage> {
    return await this.#open(`manifests/sha256:${digest}`, { accept }, signal);
  }

  async openBlob(digest: string, fromByte: number, signal: AbortSignal): Promise<IncomingMessage> {
    const range: Record<string, string> = fromByte > 0 ? { range: `bytes=${fromByte}-` } : {};
    return await this.#open(`blobs/sha256:${digest}`, range, signal);
  }

  async #open(path: string, headers: Record<string, string>, signal: AbortSignal): Promise<IncomingMessage> {
    const url = `${registryUrl(this.#image)}/v2/${this.#image.repository}/${path}`;
    const first = await this.#follow(url, headers, signal);
    if (first.statusCode !== 401) return this.#checked(first);
    first.destroy();
    this.#authorization = await this.#authorize(first.headers['www-authenticate'], signal);
    return this.#checked(await this.#follow(url, headers, signal));
  }

  #checked(response: IncomingMessage): IncomingMessage {
    if (response.statusCode !== 401 && response.statusCode !== 403) return response;
    response.destroy();
    this.#authorization = null;
    const { registry, repository } = this.#image;
    const why = /error="([^"]{1,100})"/.exec(response.headers['www-authenticate'] ?? '')?.[1];
    const detail = `${registry} answered ${response.statusCode} for ${repository}${why ? ` (${why})` : ''}`;
    throw new ReasonError('container.registry_auth', detail);
  }

  async #follow(start: string, headers: Record<string, string>, signal: AbortSignal): Promise<IncomingMessage> {
    let url = start;
    for (let hops = 0; hops <= MAX_REDIRECTS; hops++) {
      const isOwnHost = new URL(url).host === new URL(start).host;
      const authorization = isOwnHost && this.#authorization ? { authorization: this.#authorization } : {};
      const response = await openHttp({ url, headers: { ...headers, ...authorization }, signal });
      const { location } = response.headers;
      if (!location || ![301, 302, 303, 307, 308].includes(response.statusCode ?? 0)) return response;
      response.destroy();
      const next = new URL(location, url);
      if (url.startsWith('https:') && next.protocol !== 'https:') throw new Error(`a redirect to plain ${next.host}`);
      url = next.href;
    }
    throw new Error(`more than ${MAX_REDIRECTS} redirects from ${this.#image.registry}`);
  }

  /** The header that answers the challenge. A public registry may want a token that anybody gets. */
  async #authorize(header: string | undefined, signal: AbortSignal): Promise<string> {
    const { registry, repository, digest } = this.#image;
    const given = await this.#ports
      .credentials(`${registry}/${repository}@sha256:${digest}`, signal)
      .catch((error: unknown) => {
        const isRefusal = error instanceof HttpProblem && error.code === 'registry_refused';
        const code = isRefusal ? 'container.registry_auth' : 'download.network';
        throw new ReasonError(code, `no credentials for ${registry}: ${messageOf(error)}`);
      });
    if (given.scheme === 'bearer') return `Bearer ${given.token}`;
    const challenge = parseChallenge(header);
    const basic = given.scheme === 'basic' ? basicHeader(given) : null;
    if (challenge?.scheme === 'bearer') return `Bearer ${await fetchToken(challenge, repository, basic, signal)}`;
    if (basic) return basic;
    throw new ReasonError(
      'container.registry_auth',
      `${registry} wants credentials, and the organization has none for it`,
    );
  }
}

async function fetchToken(
  challenge: { realm: string; service?: string },
  repository: string,
  basic: string | null,
  signal: AbortSignal,
): Promise<string> {
  const url = tokenUrl(challenge, repository);
  const response = await openHttp({ url, headers: basic ? { authorization: basic } : {}, signal });
  const text = await readText(response);
  if (response.statusCode !== 200) {
    const isRefusal = response.statusCode === 401 || response.statusCode === 403;
    const detail = `the token service ${new URL(url).host} answered ${response.statusCode}`;
    throw new ReasonError(isRefusal ? 'container.registry_auth' : 'download.network', detail);
  }
  const { token, access_token: accessToken } = Token.parse(JSON.parse(text));
  return token ?? accessToken ?? '';
}
