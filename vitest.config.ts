import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Slower suites have configurations of their own: vitest.slow.config.ts and vitest.deployed.config.ts.
    exclude: ['test/**/*.slow.test.ts', 'test/**/*.peer.test.ts', 'test/deployed/**'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    pool: 'forks',
    maxWorkers: 2,
  },
});
