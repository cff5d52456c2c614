import { defineConfig } from 'vitest/config';

/** Suites that change what others share: this process's cryptography, acme-client's transport, Node's modules. */
const APART = [
  'test/simulation/**/*.test.ts',
  'test/ca/acme-client.test.ts',
  'test/lambdas/core/verify-certificate.test.ts',
];
/** Slower suites have configurations of their own: vitest.slow.config.ts and vitest.deployed.config.ts. */
const SLOW = ['test/**/*.slow.test.ts', 'test/**/*.peer.test.ts', 'test/deployed/**'];

export default defineConfig({
  test: {
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // No line that a suite's steps log may hold a secret.
    setupFiles: ['test/support/log-check.setup.ts'],
    pool: 'forks',
    maxWorkers: 2,
    projects: [
      {
        extends: true,
        // Modules are loaded once a worker, not once a file: that is two fifths of the time.
        test: { name: 'together', isolate: false, include: ['test/**/*.test.ts'], exclude: [...SLOW, ...APART] },
      },
      { extends: true, test: { name: 'apart', include: APART, exclude: SLOW } },
    ],
  },
});
