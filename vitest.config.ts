import { defineConfig } from 'vitest/config';

export default defineConfig({
  resolve: { alias: { '@': import.meta.dirname } },
  test: {
    include: ['{agent,server,components,prisma}/**/*.test.{ts,tsx}'],
    exclude: ['**/node_modules/**', '**/*.system.test.ts'],
    globalSetup: ['server/testing/postgres.setup.ts'],
    pool: 'forks',
    // One more than CI has cores: the longest files wait more than they work.
    maxWorkers: 3,
    // Of one file: the scenarios of the simulator do so too.
    maxConcurrency: 10,
    // Against hangs alone: what takes seven seconds took thirty beside others on a busy machine.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    env: { ORT_DISABLE_TELEMETRY: '1' },
  },
});
