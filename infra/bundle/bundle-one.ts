import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { buildSync } from 'esbuild';
import { buildOptions, ROOT } from './bundle.ts';

/**
 * Bundles one handler beside the stack's own, with `files` (name to text) next to it, and lets `use` build its Lambda, which
 * copies the code. Synchronous, so that a construct can do it wherever it is made.
 */
export function withHandler<T>(name: string, use: (code: Code) => T, files: Readonly<Record<string, string>> = {}): T {
  const entry = join(ROOT, 'lambdas', 'handlers', `${name}.ts`);
  const { outputFiles } = buildSync({ ...buildOptions(), entryPoints: { index: entry } });
  const folder = mkdtempSync(join(tmpdir(), 'perennial-bundle-'));
  try {
    for (const { path, contents } of outputFiles) writeFileSync(join(folder, basename(path)), contents);
    for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, file), text);
    return use(Code.fromAsset(folder));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
