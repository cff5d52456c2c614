import { defineConfig } from 'vitest/config';

/** What needs Python: the emulated account, and the stack deployed into it. */
export default defineConfig({
  test: {
    include: ['test/deployed/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    pool: 'forks',
    maxWorkers: 1,
  },
});
