import { defineConfig } from 'vitest/config';

/** What takes a minute or needs programs that npm does not bring. */
export default defineConfig({
  test: {
    include: ['test/**/*.slow.test.ts', 'test/**/*.peer.test.ts'],
    testTimeout: 180_000,
    hookTimeout: 600_000,
    // No line that a suite's steps log may hold a secret.
    setupFiles: ['test/support/log-check.setup.ts'],
    pool: 'forks',
    maxWorkers: 1,
  },
});
