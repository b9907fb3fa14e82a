import { defineConfig } from 'vitest/config';

/** Tests against system services that are installed on the machine: one file at a time, because they share its ports and its time. */
export default defineConfig({
  resolve: { alias: { '@': import.meta.dirname } },
  test: {
    include: ['{agent,server}/**/*.system.test.ts'],
    globalSetup: ['server/testing/postgres.setup.ts'],
    pool: 'forks',
    maxWorkers: 1,
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 300_000,
    env: { ORT_DISABLE_TELEMETRY: '1' },
  },
});
