import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Slower suites have configurations of their own: vitest.slow.config.ts and vitest.deployed.config.ts.
    exclude: ['test/**/*.slow.test.ts', 'test/**/*.peer.test.ts', 'test/deployed/**'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // No line that a suite's steps log may hold a secret.
    setupFiles: ['test/support/log-check.setup.ts'],
    pool: 'forks',
    maxWorkers: 2,
  },
});
