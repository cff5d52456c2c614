import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { App } from 'aws-cdk-lib';
import { afterAll, describe, expect, it } from 'vitest';
import { placeholderCode } from '../../infra/bundle/placeholder.ts';
import { loadConfig } from '../../infra/config/load.ts';
import type { ResolvedConfig } from '../../infra/config/resolved.ts';
import { FEATURE_FLAGS } from '../../infra/feature-flags.ts';
import { PerennialStack } from '../../infra/perennial-stack.ts';
import { CONFIG } from './fixtures.ts';

const START = fileURLToPath(new URL('../../infra/start.mjs', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'perennial-app-test-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs the app command of cdk.json; no credentials are in its environment. */
function runApp(env: Record<string, string>): Promise<{ readonly code: number; readonly output: string }> {
  return new Promise((resolve) => {
    const options = { env: { PATH: process.env.PATH ?? '', ...env }, cwd: folder };
    execFile(process.execPath, [START], options, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), output: `${stdout}${stderr}` });
    });
  });
}

function rulesOf(config: ResolvedConfig): Readonly<Record<string, unknown>> {
  const outdir = mkdtempSync(join(folder, 'synth-'));
  const app = new App({ context: { ...FEATURE_FLAGS }, outdir });
  new PerennialStack(app, 'Perennial', { config, code: placeholderCode });
  return app.synth().getStackByName('Perennial').template.Rules ?? {};
}

describe('The app', () => {
  it('synthesises the root configuration with all bundles, without credentials', async () => {
    const outdir = join(folder, 'out');
    const { code, output } = await runApp({ CDK_OUTDIR: outdir });
    expect(output).toBe('');
    expect(code).toBe(0);
    const template = JSON.parse(readFileSync(join(outdir, 'Perennial.template.json'), 'utf8'));
    const types = Object.values<{ Type: string }>(template.Resources).map(({ Type }) => Type);
    expect(types.filter((type) => type.startsWith('Custom::')).sort()).toEqual([
      'Custom::PerennialInventory',
      'Custom::PerennialVersions',
    ]);
  });

  it('takes configuration and stack name from the context', async () => {
    const outdir = join(folder, 'out-test');
    const config = fileURLToPath(new URL('../../perennial.config.ts', import.meta.url));
    const { code } = await runApp({
      CDK_OUTDIR: outdir,
      CDK_CONTEXT_JSON: JSON.stringify({ stack: 'Perennial-test', config }),
    });
    expect(code).toBe(0);
    expect(readFileSync(join(outdir, 'Perennial-test.template.json'), 'utf8')).toContain('Perennial-test-renewal');
  });

  it('fails with the problems of a configuration instead of a stack trace', async () => {
    const path = join(folder, 'broken.config.mjs');
    writeFileSync(path, "export default { certificates: [], alerts: 'loud' };");
    const { code, output } = await runApp({ CDK_OUTDIR: join(folder, 'out-broken'), PERENNIAL_CONFIG: path });
    expect(code).toBe(1);
    expect(output).toMatch(/^The configuration has a problem:\n- alerts is "loud": write [^\n]*\n$/);
  });
});

describe('Names that no public CA can certify', () => {
  it('let a synth pass and a deployment fail, by name', async () => {
    const { ReservedNames, ...others } = rulesOf(await loadConfig()) as Record<string, unknown>;
    const [rule] = [ReservedNames, ...Object.values(others)].filter((found) =>
      JSON.stringify(found)?.includes('example.com'),
    );
    expect(rule).toMatchObject({
      Assertions: [
        {
          Assert: { 'Fn::Equals': ['reserved', 'deployable'] },
          AssertDescription:
            'Put your own names into the configuration: *.example.com, example.com cannot be certified.',
        },
      ],
    });
  });

  it('may be deployed where the CA is a private one', () => {
    expect(JSON.stringify(rulesOf(CONFIG))).not.toContain('cannot be certified');
  });
});
