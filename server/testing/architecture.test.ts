import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');
const listed = execFileSync(
  'git',
  ['ls-files', '--cached', '--others', '--exclude-standard', '*.ts', '*.tsx', '*.css'],
  { cwd: root, encoding: 'utf8' },
);
const files = listed
  .split('\n')
  .filter((path) => path !== '')
  .flatMap((path) => {
    try {
      return [{ path, text: readFileSync(join(root, path), 'utf8') }];
    } catch {
      return []; // Deleted in the work tree, not yet in git.
    }
  });

const isTest = (path: string) => /\.test\.tsx?$|\/testing\/|^e2e\//.test(path);
const code = files.filter(({ path }) => /\.tsx?$/.test(path));

/** Places that break a rule, as `path: line`. */
function breaches(pattern: RegExp, among = code): string[] {
  return among.flatMap(({ path, text }) =>
    text
      .split('\n')
      .flatMap((line, at) => (pattern.test(line) ? [`${path}:${at + 1}: ${line.trim().slice(0, 120)}`] : [])),
  );
}

test('the whole project is looked at', () => {
  expect(code.length).toBeGreaterThan(400);
});

test('no file has two subjects: at most 350 lines, tests 500', () => {
  const long = code
    .map(({ path, text }) => ({ path, lines: text.split('\n').length, limit: isTest(path) ? 500 : 350 }))
    .filter(({ lines, limit }) => lines > limit);
  expect(long).toEqual([]);
});

test('only composition roots read the environment', () => {
  const roots =
    /^(server\/main\/|server\/bench\/agent\.ts|agent\/src\/(main\.ts|cli\/|runner\/)|agent\/build\.ts|e2e\/|proxy\.ts|prisma\.config\.ts|next\.config\.ts)/;
  expect(
    breaches(
      /process\.env\b/,
      code.filter(({ path }) => !roots.test(path) && !isTest(path)),
    ),
  ).toEqual([]);
});

test('there are no server actions', () => {
  expect(breaches(/^['"]use server['"]/)).toEqual([]);
});

test('client code lives in components', () => {
  const frameworkDemands = ['app/error.tsx', 'app/global-error.tsx'];
  expect(
    breaches(
      /^['"]use client['"]/,
      code.filter(({ path }) => !path.startsWith('components/') && !frameworkDemands.includes(path)),
    ),
  ).toEqual([]);
});

test('colours are tokens: raw values stand in the theme alone', () => {
  const styled = files.filter(
    ({ path }) => /^(app|components)\//.test(path) && !path.startsWith('components/theme/') && !isTest(path),
  );
  expect(breaches(/#[0-9a-fA-F]{3,8}\b(?=[;'",\s)])|\b(?:rgba?|hsla?|oklch|oklab)\(/, styled)).toEqual([]);
});

test('addresses of the console come from the route builders', () => {
  const ui = code.filter(
    ({ path }) => /^(app|components)\//.test(path) && path !== 'components/routes.ts' && !isTest(path),
  );
  expect(breaches(/href=(?:"|\{`|\{')\/|router\.(?:push|replace)\(['"`]\//, ui)).toEqual([]);
});

test('pages are shims of at most 25 lines', () => {
  const pages = code.filter(({ path }) => /^app\/.*page\.tsx$/.test(path));
  expect(pages.length).toBeGreaterThan(8);
  expect(pages.filter(({ text }) => text.trimEnd().split('\n').length > 25).map(({ path }) => path)).toEqual([]);
});

test('nothing is left for later', () => {
  expect(
    breaches(
      /\b(?:TODO|FIXME|XXX)\b|@ts-(?:ignore|nocheck)|\.(?:only|skip|fixme)\(/,
      code.filter(({ path }) => path !== 'server/testing/architecture.test.ts'),
    ),
  ).toEqual([]);
});

test('what a newcomer starts loads nothing that is generated later', () => {
  const textOf = new Map(files.map(({ path, text }) => [path, text]));
  const loaded = new Set(['demo', 'local', 'simulate', 'build', 'make-env'].map((name) => `server/main/${name}.ts`));
  for (const path of loaded) {
    for (const [, from = ''] of (textOf.get(path) ?? '').matchAll(
      /^(?:import|export) (?!type\b)[^;]*?from '(\.[^']+)';/gm,
    ))
      loaded.add(join(path, '..', from));
  }
  expect(loaded.size).toBeGreaterThan(15);
  expect([...loaded].filter((path) => path.startsWith('server/db/'))).toEqual([]);
});
