import { existsSync } from 'node:fs';
import { defineConfig } from '@playwright/test';

const SYSTEM_CHROMIUM = '/usr/bin/chromium';
const MAIN_JOB = 'journeys/main-job.spec.ts';
const WITH_OWN_ORGANIZATION = ['agent-upgrade', 'monitoring', 'rollouts'].map((name) => `journeys/${name}.spec.ts`);

/**
 * One stack for all, brought up by `support/stack.setup.ts`; the main job comes first, and its fleet is what the others look at. The journeys
 * change it one after the other; what only looks at pages, and journeys with an organization of their own, go on beside them. Those take longest,
 * and so begin first.
 */
export default defineConfig({
  testDir: '.',
  outputDir: '../test-results',
  globalSetup: './support/stack.setup.ts',
  workers: 2,
  retries: 0,
  timeout: 120_000,
  expect: { timeout: 30_000 },
  reporter: 'list',
  use: {
    actionTimeout: 20_000,
    locale: 'en-GB',
    viewport: { width: 1440, height: 900 },
    contextOptions: { reducedMotion: 'reduce' },
    trace: 'retain-on-failure',
    launchOptions: {
      ...(existsSync(SYSTEM_CHROMIUM) && { executablePath: SYSTEM_CHROMIUM }),
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
  },
  projects: [
    { name: 'main job', testMatch: MAIN_JOB },
    { name: 'own', testMatch: WITH_OWN_ORGANIZATION, dependencies: ['main job'], workers: 1 },
    {
      name: 'journeys',
      testMatch: 'journeys/*.spec.ts',
      testIgnore: [MAIN_JOB, ...WITH_OWN_ORGANIZATION],
      dependencies: ['main job'],
      workers: 1,
    },
    { name: 'pages', testMatch: 'a11y/*.spec.ts', dependencies: ['main job'], workers: 1 },
  ],
});
