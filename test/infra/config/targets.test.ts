import { readFileSync } from 'node:fs';
import { App } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { placeholderCode } from '../../../infra/bundle/placeholder.ts';
import { importsAYear } from '../../../infra/config/acm-imports.ts';
import { resolveConfig } from '../../../infra/config/resolve.ts';
import { PerennialStack } from '../../../infra/perennial-stack.ts';
import { targetsPage } from '../../../infra/targets/page.ts';

const LISTENER =
  'arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener/app/shop/50dc6c495c0c9188/f2f7dc8efc522ab2';

const ARN = 'arn:aws:acm:eu-west-1:111122223333:certificate/0123';

function configOf(certificate: object, settings: object = {}): object {
  const shop = { name: 'shop', domains: ['shop.example'], cas: ['letsencrypt'], ...certificate };
  return { certificates: [shop], alerts: 'none', ...settings };
}

const targetsOf = (...targets: readonly object[]) => resolveConfig(configOf({ targets })).declarations[0]?.targets;

/** So many certificates of a profile, each with ACM in the region of the stack. */
function many(count: number, profile: string): object {
  const certificates = Array.from({ length: count }, (_, index) => ({
    name: `c${index}`,
    domains: [`c${index}.example`],
    cas: [{ name: 'letsencrypt', profile }],
  }));
  return { certificates, alerts: 'none', checkInterval: '1 hour' };
}

describe('A target of each kind', () => {
  it('has an id that tells it from others, and is probed where it serves TLS', () => {
    const resolved = targetsOf(
      { kind: 'acm' },
      { kind: 'iam-certificate', distributions: ['E1A2B3C4D5E6F7'] },
      { kind: 'secrets-manager', secretName: 'certificates/shop', region: 'eu-west-1' },
      { kind: 's3', bucket: 'certificates', prefix: 'shop/' },
      { kind: 'webhook', url: 'https://hook.example/', secretName: 'key' },
    );
    const probe = { host: 'shop.example', port: 443, servername: 'shop.example' };
    expect(resolved).toEqual([
      { id: 'acm', kind: 'acm', probe },
      { id: 'iam-certificate', kind: 'iam-certificate', distributions: ['E1A2B3C4D5E6F7'], probe },
      {
        id: 'secrets-manager-eu-west-1',
        kind: 'secrets-manager',
        secretName: 'certificates/shop',
        region: 'eu-west-1',
        probe: 'control-plane',
      },
      { id: 's3', kind: 's3', bucket: 'certificates', prefix: 'shop/', probe: 'control-plane' },
      {
        id: 'webhook',
        kind: 'webhook',
        url: 'https://hook.example/',
        secretName: 'key',
        includeKey: false,
        probe: 'control-plane',
      },
    ]);
  });

  it('that binds an ARN gets an ACM target in its region and account, unless one is there', () => {
    const role = { roleArn: 'arn:aws:iam::444455556666:role/push', externalId: 'ours' };
    expect(targetsOf({ kind: 'load-balancer', listenerArn: LISTENER, role })).toEqual([
      expect.objectContaining({ kind: 'load-balancer', as: 'sni', acm: 'acm-444455556666-eu-west-1', role }),
      { id: 'acm-444455556666-eu-west-1', kind: 'acm', region: 'eu-west-1', role, probe: 'control-plane' },
    ]);
    expect(targetsOf({ kind: 'acm' }, { kind: 'api-gateway', domainName: 'shop.example', api: 'http' })).toEqual([
      expect.objectContaining({ id: 'acm' }),
      expect.objectContaining({ id: 'api-gateway-shop-example', acm: 'acm' }),
    ]);
  });

  it.each([
    [
      { targets: [{ kind: 'load-balancer', listenerArn: LISTENER, acm: 'nowhere' }] },
      'targets[0].acm is "nowhere": write the id of an ACM target',
    ],
    [
      { keyType: 'rsa-4096', targets: [{ kind: 'api-gateway', domainName: 'shop.example', api: 'rest' }] },
      'keyType is "rsa-4096": write one of ecdsa-p256, ecdsa-p384, rsa-2048, api-gateway-shop-example takes no other',
    ],
    [
      { keyType: 'ecdsa-p384', targets: [{ kind: 'iam-certificate', distributions: ['E1A2B3C4D5E6F7'] }] },
      'keyType is "ecdsa-p384": write one of ecdsa-p256',
    ],
    [
      { keyType: 'rsa-2048', profile: 'tlsserver', targets: [{ kind: 'acm', arn: ARN }] },
      `targets[0].arn is "${ARN}": leave it out, or take an ECDSA key or another profile`,
    ],
    [
      { targets: [{ kind: 's3', bucket: 'b', prefix: 'shop/' }] },
      'targets[0].bucket is "b": write the name of a bucket',
    ],
    [
      { targets: [{ kind: 's3', bucket: 'certificates', prefix: 'shop' }] },
      `targets[0].prefix is "shop": write what the objects' keys begin with, ending in '/'`,
    ],
    [
      { targets: [{ kind: 'webhook', url: 'http://hook.example/', secretName: 'key' }] },
      'targets[0].url is "http://hook.example/": write an https:// URL',
    ],
    [
      { targets: [{ kind: 'acm', role: { roleArn: 'push' } }] },
      'targets[0].role.roleArn is "push": write the ARN of a role',
    ],
    [
      { targets: [{ kind: 'acm', retry: { baseSeconds: 600, ceilingSeconds: 60 } }] },
      'targets[0].retry.ceilingSeconds is 60: write at least baseSeconds',
    ],
  ])('is refused with what to write: %j', (certificate, sentence) => {
    expect(() => resolveConfig(configOf(certificate))).toThrow(`certificates[0].${sentence}`);
  });
});

describe('Imports into ACM', () => {
  it('are counted a year for each region and account, by the lifetimes of the profiles', () => {
    const targets = [{ kind: 'acm' }, { kind: 'acm', region: 'us-east-1', probe: 'control-plane' }];
    expect(importsAYear(resolveConfig(configOf({ targets })).declarations)).toEqual([
      { place: 'the region of the stack', imports: 9 },
      { place: 'us-east-1', imports: 9 },
    ]);
    const [short] = importsAYear(resolveConfig(many(1, 'shortlived')).declarations);
    expect(short?.imports).toBe(110);
  });

  it('that would exceed the quota within a year are refused, unless a higher one was granted', () => {
    expect(() => resolveConfig(many(46, 'shortlived'))).toThrow(
      /acmImportQuota is 5000: write the quota that AWS has granted, or import less: renewals in the region of the stack come to 5037 imports a year/,
    );
    expect(resolveConfig({ ...many(46, 'shortlived'), acmImportQuota: 10_000 }).declarations).toHaveLength(46);
  });

  it('that come near it are warned of at synth', () => {
    const warned = (count: number) => {
      const stack = new PerennialStack(new App(), 'Perennial', {
        config: resolveConfig(many(count, 'shortlived')),
        code: placeholderCode,
      });
      return Annotations.fromStack(stack).findWarning('*', Match.stringLikeRegexp('imports a year')).length;
    };
    expect([warned(27), warned(28)]).toEqual([0, 1]);
  });
});

describe('docs/targets.md', () => {
  it('is what the descriptors say', () => {
    expect(readFileSync(new URL('../../../docs/targets.md', import.meta.url), 'utf8')).toBe(targetsPage());
  });
});
