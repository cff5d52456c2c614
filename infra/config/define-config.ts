import type { PerennialConfig } from './schema.ts';

/** Types a configuration; it is validated when it is read, all problems at once. */
export function defineConfig(config: PerennialConfig): PerennialConfig {
  return config;
}
