import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { buildSync } from 'esbuild';
import { buildOptions, ROOT } from './bundle.ts';

/**
 * Bundles one handler beside the stack's own and lets `use` build its Lambda, which copies the code. Synchronous, so that a
 * construct can do it wherever it is made.
 */
export function withHandler<T>(name: string, use: (code: Code) => T): T {
  const entry = join(ROOT, 'lambdas', 'handlers', `${name}.ts`);
  const { outputFiles } = buildSync({ ...buildOptions(), entryPoints: { index: entry } });
  const folder = mkdtempSync(join(tmpdir(), 'perennial-bundle-'));
  try {
    for (const { path, contents } of outputFiles) writeFileSync(join(folder, basename(path)), contents);
    return use(Code.fromAsset(folder));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
