/** An image by digest: the registry's host and port, its repository, the hex digest. */
export type ImageName = { registry: string; repository: string; digest: string };

/** Host and port of a registry, in lower case. A name without a dot, a port or `localhost` would be read as a repository. */
export const REGISTRY_PATTERN = /^(?:localhost|[a-z0-9-]+(?:\.[a-z0-9-]+)+|[a-z0-9-]+(?=:))(?::\d{1,5})?$/;

/** Reads `registry/repository[:tag]@sha256:digest`; null for anything else. A tag means nothing beside a digest. */
export function parseImageName(text: string): ImageName | null {
  const match = /^([^/]+)\/([a-z0-9._/-]+?)(?::[\w][\w.-]{0,127})?@sha256:([0-9a-f]{64})$/.exec(text);
  const [, host = '', repository = '', digest = ''] = match ?? [];
  const registry = host.toLowerCase();
  return REGISTRY_PATTERN.test(registry) ? { registry, repository, digest } : null;
}
