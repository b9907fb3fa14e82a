import fc from 'fast-check';
import { expect, it } from 'vitest';
import { localPath } from './local-path.ts';

it.each([
  ['/harbour/devices?update=rejected', '/harbour/devices?update=rejected'],
  [undefined, '/'],
  ['https://evil.example/', '/'],
  ['//evil.example/harbour', '/'],
  ['/\\evil.example', '/'],
  ['/\t/evil.example', '/'],
  ['/.//evil.example', '/'],
  ['/harbour/..//evil.example', '/'],
  ['harbour', '/'],
])('%j leads to %j', (from, to) => expect(localPath(from)).toBe(to));

it('never leads to another origin', () => {
  const base = 'https://fleet.example';
  fc.assert(
    fc.property(
      fc.oneof(fc.string(), fc.webUrl(), fc.constantFrom('/\\/x.example', '///x.example', '/.//x.example')),
      (from) => {
        expect(new URL(localPath(from), base).origin).toBe(base);
      },
    ),
  );
});
