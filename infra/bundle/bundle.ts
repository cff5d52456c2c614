import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { type BuildOptions, build, type OutputFile } from 'esbuild';
import type { HandlerCode } from '../functions.ts';
import { HANDLER_NAMES, type HandlerName } from '../handlers.ts';

/** Bundles on disk until {@link Bundles.remove}; a stack copies them while it is built. */
export type Bundles = {
  readonly code: HandlerCode;
  /** Folder of one handler's `index.mjs` and its source map. */
  readonly folderOf: (handler: HandlerName) => string;
  readonly remove: () => void;
};

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** Never written to: paths in source maps are relative to it, so they are the same on every machine. */
const OUT = join(ROOT, 'cdk.out', 'bundles');

/** CommonJS leftovers of bundled packages call `require`, which ESM lacks. */
const BANNER =
  "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);";

/** Bundles all handlers of `folder` in one call of esbuild. The same sources give the same bytes. */
export async function bundleHandlers(folder: string = join(ROOT, 'lambdas', 'handlers')): Promise<Bundles> {
  refuseMissing(folder);
  const { outputFiles } = await build({ ...buildOptions(), entryPoints: entryPointsOf(folder) });
  const written = mkdtempSync(join(tmpdir(), 'perennial-bundles-'));
  for (const file of outputFiles) writeBelow(written, file);
  const folderOf = (handler: HandlerName) => join(written, handler);
  return {
    code: (handler) => Code.fromAsset(folderOf(handler)),
    folderOf,
    remove: () => rmSync(written, { recursive: true, force: true }),
  };
}

function entryPointsOf(folder: string): Record<string, string> {
  return Object.fromEntries(HANDLER_NAMES.map((name) => [`${name}/index`, join(folder, `${name}.ts`)]));
}

/** How every handler is bundled. */
export function buildOptions(): BuildOptions & { write: false } {
  return {
    absWorkingDir: ROOT,
    outdir: OUT,
    outExtension: { '.js': '.mjs' },
    write: false,
    bundle: true,
    minify: true,
    sourcemap: true,
    sourcesContent: false,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    mainFields: ['module', 'main'],
    banner: { js: BANNER },
    legalComments: 'none',
    logLevel: 'silent',
    alias: {
      // The SDK reads more kinds of credentials than a Lambda can have.
      '@aws-sdk/credential-provider-node': beside('lambda-credentials.ts'),
      // acme-client asks node-forge for keys and CSRs only in the interface that Perennial does not use.
      'node-forge': beside('node-forge-stub.ts'),
      // The transport is our own, so axios needs none of Node's.
      axios: join(dirname(createRequire(import.meta.url).resolve('axios')), '..', 'browser', 'axios.cjs'),
    },
  };
}

function beside(file: string): string {
  return fileURLToPath(new URL(file, import.meta.url));
}

function writeBelow(folder: string, file: OutputFile): void {
  const path = join(folder, relative(OUT, file.path));
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, file.contents);
}

/** esbuild names only some of the entries it does not find. */
function refuseMissing(folder: string): void {
  const missing = HANDLER_NAMES.map((name) => join(folder, `${name}.ts`)).filter((path) => !existsSync(path));
  if (missing.length > 0) throw new Error(`no handler at ${missing.join(', ')}: infra/handlers.ts names it`);
}
