/**
 * What an app of one's own needs to hold a {@link Perennial}: a configuration, the Lambdas' code, the construct. How they fit
 * together is in `docs/configuration.md`.
 */
export { type Bundles, bundleHandlers } from './bundle/bundle.ts';
export { type CertificateArnOptions, certificateArn } from './certificate-arn.ts';
export { defineConfig } from './config/define-config.ts';
export { loadConfig } from './config/load.ts';
export { ConfigError } from './config/problems.ts';
export { resolveConfig } from './config/resolve.ts';
export type { ResolvedConfig } from './config/resolved.ts';
export type { PerennialConfig } from './config/schema.ts';
export { Perennial, type PerennialProps } from './perennial.ts';
export { PerennialStack } from './perennial-stack.ts';
export { type SecondWatchProps, SecondWatchStack } from './second-watch/second-watch-stack.ts';
