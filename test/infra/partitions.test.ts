import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { build } from 'esbuild';
import { afterAll, describe, expect, it } from 'vitest';
import { placeholderCode } from '../../infra/bundle/placeholder.ts';
import { FEATURE_FLAGS } from '../../infra/feature-flags.ts';
import { HANDLER_NAMES } from '../../infra/handlers.ts';
import { PerennialStack } from '../../infra/perennial-stack.ts';
import { CONFIG } from './fixtures.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const folder = mkdtempSync(join(tmpdir(), 'perennial-partitions-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** The template as it is deployed into a region that is known. */
function templateIn(region: string): string {
  const app = new App({ context: { ...FEATURE_FLAGS }, outdir: join(folder, region) });
  const stack = new PerennialStack(app, 'Perennial', {
    config: CONFIG,
    code: placeholderCode,
    env: { account: '123456789012', region },
  });
  return readFileSync(join(app.synth().directory, Stack.of(stack).templateFile), 'utf8');
}

describe.each(['cn-north-1', 'us-gov-west-1', 'eu-central-1'])('In %s', (region) => {
  const template = templateIn(region);

  it('no ARN of another partition is named', () => {
    expect(template.match(/arn:aws[a-z-]*:[^"]*/g) ?? []).toEqual([]);
  });

  it('no host name of AWS is written out, but those by which IAM knows services', () => {
    const names = template.match(/[\w.-]+\.amazonaws\.com(\.cn)?/g) ?? [];
    const services = ['cloudwatch', 'events', 'lambda', 'scheduler', 'states'];
    expect([...new Set(names)].sort()).toEqual(services.map((service) => `${service}.amazonaws.com`));
  });
});

describe('The code of the Lambdas', () => {
  it('names no partition and no host of AWS of its own', async () => {
    const { outputFiles } = await build({
      entryPoints: HANDLER_NAMES.map((name) => join(ROOT, 'lambdas', 'handlers', `${name}.ts`)),
      outdir: folder,
      write: false,
      bundle: true,
      format: 'esm',
      platform: 'node',
      packages: 'external',
      minifyWhitespace: true,
      legalComments: 'none',
    });
    expect(outputFiles).toHaveLength(HANDLER_NAMES.length);
    for (const { path, text } of outputFiles) {
      expect(text.match(/.{40}(arn:aws[a-z-]*:|amazonaws\.com).{20}/g) ?? [], path).toEqual([]);
    }
  });
});
