import { generateKeyPairSync } from 'node:crypto';
import { expect, test } from 'vitest';
import { createPki } from '../testing/pki.ts';
import { uuid } from '../testing/release.ts';
import { createCsr } from './csr.ts';
import { renewAtMs } from './renew.ts';

const DAY_MS = 86_400_000;

test.each([30, 90])('a certificate of %d days is renewed with one third of its life left', async (days) => {
  const pki = await createPki();
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const issuedMs = Date.now();
  const certificate = await pki.issue(createCsr(privateKey), uuid(1), days);
  const leftDays = (issuedMs + days * DAY_MS - renewAtMs(certificate)) / DAY_MS;
  expect(leftDays).toBeGreaterThan(days / 3 - 0.01);
  expect(leftDays).toBeLessThan(days / 3 + 0.5);
});
