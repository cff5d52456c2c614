import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { ConfigError } from './problems.ts';
import { resolveConfig } from './resolve.ts';
import type { ResolvedConfig } from './resolved.ts';

const DEFAULT_FILE = fileURLToPath(new URL('../../perennial.config.ts', import.meta.url));

/**
 * Reads, validates and resolves a configuration file: the path given (CDK context `config`), else the environment's
 * `PERENNIAL_CONFIG`, both relative to the working directory, else `perennial.config.ts` in the root.
 */
export async function loadConfig(path?: string): Promise<ResolvedConfig> {
  const file = resolve(path ?? process.env.PERENNIAL_CONFIG ?? DEFAULT_FILE);
  if (!existsSync(file)) {
    throw new ConfigError([{ path: 'config', value: file, remedy: 'name a file that exists' }]);
  }
  const module: unknown = await import(pathToFileURL(file).href);
  if (typeof module !== 'object' || module === null || !('default' in module)) {
    throw new ConfigError([{ path: 'config', value: file, remedy: 'have it `export default defineConfig({...})`' }]);
  }
  return resolveConfig(module.default);
}
