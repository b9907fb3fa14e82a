import { ReasonError } from '../../reason-error.ts';

/** An image by digest. `registry` is the host (and port) that serves it; `digest` is hex, of its manifest or index. */
export type ImageReference = { registry: string; repository: string; digest: string };

/** A repository as the OCI distribution specification spells it. */
const REPOSITORY = /^[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*$/;
const REGISTRY = /^(?:[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*|\[[0-9a-fA-F:]+\])(?::\d{1,5})?$/;

/**
 * Reads `host[:port]/repository[:tag]@sha256:hex`. The host must be named, as Docker means it: with a dot, a port, or as
 * `localhost`; a short name would mean another image on another machine. A tag means nothing beside a digest.
 */
export function parseImage(text: string): ImageReference {
  const match = /^([^/]+)\/([^@]+?)(?::[\w][\w.-]{0,127})?@sha256:([0-9a-f]{64})$/.exec(text);
  const [, registry = '', repository = '', digest = ''] = match ?? [];
  const isHost = REGISTRY.test(registry) && (/[.:]/.test(registry) || registry === 'localhost');
  if (!isHost || !REPOSITORY.test(repository)) {
    throw new ReasonError('release.malformed', `"${text.slice(0, 200)}" is not host/repository@sha256:…`);
  }
  return { registry, repository, digest };
}

/** Where the registry answers. Plain HTTP on loopback only, which is what Docker does too; Docker Hub has a host of its own. */
export function registryUrl({ registry }: Pick<ImageReference, 'registry'>): string {
  if (registry === 'docker.io') return 'https://registry-1.docker.io';
  const host = registry.replace(/:\d+$/, '');
  const isLoopback = host === 'localhost' || host === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(host);
  return `${isLoopback ? 'http' : 'https'}://${registry}`;
}
