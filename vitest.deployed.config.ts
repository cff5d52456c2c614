import { defineConfig } from 'vitest/config';

/** What needs Python: the emulated account, and the stack deployed into it. */
export default defineConfig({
  test: {
    include: ['test/deployed/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // No line that a suite's steps log may hold a secret.
    setupFiles: ['test/support/log-check.setup.ts'],
    pool: 'forks',
    maxWorkers: 1,
  },
});
