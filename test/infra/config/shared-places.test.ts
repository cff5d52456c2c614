import { describe, expect, it } from 'vitest';
import { ConfigError } from '../../../infra/config/problems.ts';
import { resolveConfig } from '../../../infra/config/resolve.ts';

const ARN = 'arn:aws:acm:eu-west-1:123456789012:certificate/11111111-2222-3333-4444-555555555555';
const OTHER = ARN.replace('5555"', '6666').replace(/5$/, '6');
const certificate = (name: string, ...targets: readonly object[]) => ({
  name,
  domains: [`${name}.perennial.dev`],
  cas: ['letsencrypt'],
  ...(targets.length > 0 && { targets }),
});

function problemsOf(...certificates: readonly object[]): readonly string[] {
  try {
    resolveConfig({ certificates, alerts: 'none' });
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems.map(({ path, value, remedy }) => `${path} ${JSON.stringify(value)}: ${remedy}`);
  }
}

describe('A place that can serve one certificate only', () => {
  it('is refused to a second one, with both named [L24]', () => {
    const both = ['first', 'second'].map((name) => certificate(name, { kind: 'acm', arn: ARN }));
    expect(problemsOf(certificate('none'), ...both)).toEqual([
      `certificates[2].targets[0].arn "${ARN}": name another one, the certificate first is served there`,
    ]);
  });

  it('is refused to a second target of the same certificate', () => {
    const targets = [
      { kind: 'acm', arn: ARN },
      { kind: 'acm', id: 'again', arn: ARN },
    ];
    expect(problemsOf(certificate('site', ...targets))).toEqual([
      expect.stringContaining('certificates[0].targets[1]'),
    ]);
  });

  it('is no hindrance to others beside it', () => {
    const targets = [{ kind: 'acm' }, { kind: 'acm', id: 'a', arn: ARN }, { kind: 'acm', id: 'b', arn: OTHER }];
    expect(problemsOf(certificate('site', ...targets), certificate('other'))).toEqual([]);
  });
});

describe('An ARN', () => {
  it('says its region by itself [L33]', () => {
    const { declarations } = resolveConfig({
      certificates: [certificate('site', { kind: 'acm', arn: ARN })],
      alerts: 'none',
    });
    expect(declarations[0]?.targets).toMatchObject([{ id: 'acm', arn: ARN, region: 'eu-west-1' }]);
  });

  it.each([
    [{ kind: 'acm', arn: ARN, region: 'us-east-1' }, 'name a certificate in us-east-1, or leave region out'],
    [{ kind: 'acm', arn: 'arn:aws:iam::123456789012:server-certificate/x' }, 'imported certificate in ACM'],
  ])('%j is refused', (target, remedy) => {
    expect(problemsOf(certificate('site', target))).toEqual([expect.stringContaining(remedy)]);
  });
});

describe('A name', () => {
  it('is refused to a second certificate, and an id to a second target', () => {
    const targets = [
      { kind: 'acm', id: 'a' },
      { kind: 'acm', id: 'a', region: 'us-east-1' },
    ];
    expect(problemsOf(certificate('site', ...targets), certificate('site'))).toEqual([
      'certificates[0].targets[1].id "a": give each target of a certificate an id of its own',
      'certificates[1].name "site": give each certificate a name of its own',
    ]);
  });
});
