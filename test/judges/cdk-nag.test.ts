import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { describe, expect, it, vi } from 'vitest';
import { placeholderCode } from '../../infra/bundle/placeholder.ts';
import { FEATURE_FLAGS } from '../../infra/feature-flags.ts';
import { PerennialStack } from '../../infra/perennial-stack.ts';
import { addSecondWatch } from '../../infra/second-watch/add-second-watch.ts';
import { CONFIG } from '../infra/fixtures.ts';
import { NAG_EXCEPTIONS } from './nag-exceptions.ts';

type Report = { readonly pluginReports: readonly { readonly violations: readonly { readonly ruleName: string }[] }[] };

/** Ids of all findings, without `AwsSolutions-`. cdk-nag fails the synth and leaves its report in the assembly. */
function findings(): readonly string[] {
  const outdir = mkdtempSync(join(tmpdir(), 'perennial-nag-'));
  const quiet = vi.spyOn(console, 'error').mockImplementation(() => {});
  try {
    const app = new App({ context: { ...FEATURE_FLAGS }, outdir, builtinCloudFormationValidation: false });
    Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
    const stack = new PerennialStack(app, 'Perennial', { config: CONFIG, code: placeholderCode });
    addSecondWatch(stack, { ...CONFIG, watchRegion: 'eu-central-1' }, 'us-east-1');
    expect(() => app.synth()).toThrow('AwsSolutions');
    const report = JSON.parse(readFileSync(join(outdir, 'validation-report.json'), 'utf8')) as Report;
    const names = report.pluginReports.flatMap(({ violations }) => violations.map(({ ruleName }) => ruleName));
    return names.map((name) => name.replace(/^AwsSolutions-/, ''));
  } finally {
    quiet.mockRestore();
    rmSync(outdir, { recursive: true, force: true });
  }
}

describe('cdk-nag (AwsSolutions)', () => {
  const found = findings();

  it('finds nothing that is not accepted with a reason', () => {
    expect(found.filter((id) => !NAG_EXCEPTIONS.some(({ finding }) => finding.test(id)))).toEqual([]);
  });

  it('still finds everything that is accepted', () => {
    expect(NAG_EXCEPTIONS.filter(({ finding }) => !found.some((id) => finding.test(id)))).toEqual([]);
  });
});
