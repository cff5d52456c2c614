import { defineConfig } from 'vitest/config';

/** What takes a minute or needs programs that npm does not bring. */
export default defineConfig({
  test: {
    include: ['test/**/*.slow.test.ts', 'test/**/*.peer.test.ts'],
    testTimeout: 180_000,
    hookTimeout: 600_000,
    pool: 'forks',
    maxWorkers: 1,
  },
});
