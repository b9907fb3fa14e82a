import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { endpoints } from '../endpoints/index.ts';
import { openApiDocument } from './openapi.ts';

const redocly = join(import.meta.dirname, '../../../../node_modules/.bin/redocly');
type Document = { paths: Record<string, Record<string, unknown>>; components: { schemas: Record<string, unknown> } };

it('the document is valid OpenAPI 3.1 by Redocly’s recommended rules, without errors or warnings', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'flotilla-openapi-'));
  await writeFile(join(dir, 'redocly.yaml'), 'extends: [recommended-strict]\n');
  await writeFile(
    join(dir, 'openapi.json'),
    JSON.stringify(openApiDocument(endpoints, 'https://fleet.example.org'), null, 2),
  );
  const env = { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true', CI: 'true' };
  const result = await promisify(execFile)(redocly, ['lint', '--format=codeframe', 'openapi.json'], {
    cwd: dir,
    env,
  }).catch((error: { stdout: string; stderr: string }) => error);
  await rm(dir, { recursive: true, force: true });
  expect('code' in result ? `${result.stdout}${result.stderr}` : 'valid').toBe('valid');
}, 60_000);

it('it names every call that is answered, each once, and says what may go wrong', () => {
  const { paths } = openApiDocument(endpoints, 'https://fleet.example.org') as Document;
  const named = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
  expect(named.toSorted()).toEqual(endpoints.map(({ method, path }) => `${method} ${path}`).toSorted());
  expect(new Set(endpoints.map(({ operationId }) => operationId)).size).toBe(endpoints.length);
  for (const methods of Object.values(paths))
    for (const operation of Object.values(methods))
      expect(Object.keys((operation as { responses: object }).responses)).toEqual(
        expect.arrayContaining(['401', '403', '404', '422', '429']),
      );
});
