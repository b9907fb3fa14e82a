import { expect, test } from 'vitest';
import { parseImage, registryUrl } from './image-reference.ts';

const digest = 'ab'.repeat(32);

test.each([
  ['ghcr.io/org/app', 'ghcr.io', 'org/app', 'https://ghcr.io'],
  ['127.0.0.1:5000/app', '127.0.0.1:5000', 'app', 'http://127.0.0.1:5000'],
  ['localhost/app', 'localhost', 'app', 'http://localhost'],
  ['registry.example:5000/a/b-c/d__e:1.2', 'registry.example:5000', 'a/b-c/d__e', 'https://registry.example:5000'],
  ['docker.io/library/nginx', 'docker.io', 'library/nginx', 'https://registry-1.docker.io'],
  ['127.0.0.1.evil.example/app', '127.0.0.1.evil.example', 'app', 'https://127.0.0.1.evil.example'],
])('%s is read', (text, registry, repository, url) => {
  const image = parseImage(`${text}@sha256:${digest}`);
  expect(image).toEqual({ registry, repository, digest });
  expect(registryUrl(image)).toBe(url);
});

test.each([
  ['a short name, which would mean another host', `app@sha256:${digest}`],
  ['a namespace for a host', `library/nginx@sha256:${digest}`],
  ['no digest', 'ghcr.io/org/app:1'],
  ['a short digest', 'ghcr.io/org/app@sha256:abab'],
  ['a way out of the path', `ghcr.io/../v2@sha256:${digest}`],
  ['upper case', `ghcr.io/Org/App@sha256:${digest}`],
  ['credentials in the host', `user:pw@ghcr.io/app@sha256:${digest}`],
])('%s is refused', (_, text) => {
  expect(() => parseImage(text)).toThrow(expect.objectContaining({ code: 'release.malformed' }));
});
