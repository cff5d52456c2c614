import { describe, expect, it } from 'vitest';
import { LETSENCRYPT_LIMITS } from '../../../infra/config/limit-presets.ts';
import { registeredDomains } from '../../../infra/config/registered-domains.ts';
import { resolveConfig } from '../../../infra/config/resolve.ts';
import type { CaLimits } from '../../../lambdas/core/rate-limits.ts';
import { LETS_ENCRYPT_LIMITS } from '../../../local/ca/rate-limits.ts';

const HOUR = 3_600_000;

/** The limits that a certificate's only CA has by a configuration of CAs. */
function limitsOf(ca: string, cas: unknown): CaLimits | undefined {
  const certificate = { name: 'shop', domains: ['shop.example'], cas: [ca] };
  const [declaration] = resolveConfig({ certificates: [certificate], alerts: 'none', cas }).declarations;
  return declaration?.cas[0].limits;
}

describe('The limits of a CA', () => {
  it("are Let's Encrypt's published ones where it is that, as the local CA can enforce them", () => {
    const { renewalMs: _renewal, ariExempt: _ari, ...counted } = LETSENCRYPT_LIMITS;
    expect(LETS_ENCRYPT_LIMITS).toMatchObject(counted);
    expect(limitsOf('letsencrypt', {})).toEqual(LETSENCRYPT_LIMITS);
  });

  it('are none where nothing is said of another CA', () => {
    expect(limitsOf('own', { own: { directoryUrl: 'https://ca.example/d', environment: 'staging' } })).toBeUndefined();
  });

  it('are as configured, one by one, over those that are built in', () => {
    const granted = { certificatesPerDomain: { count: 5000, per: '7 days' } };
    expect(limitsOf('letsencrypt', { letsencrypt: { limits: granted } })).toEqual({
      ...LETSENCRYPT_LIMITS,
      certificatesPerDomain: { count: 5000, windowMs: 168 * HOUR },
    });
  });

  it('are none where a configuration says so', () => {
    expect(limitsOf('letsencrypt', { letsencrypt: { limits: 'none' } })).toBeUndefined();
  });

  it('with a window that is no duration are refused with path, value and remedy', () => {
    const wrong = { newOrdersPerAccount: { count: 1, per: 'a week' } };
    expect(() => limitsOf('letsencrypt', { letsencrypt: { limits: wrong } })).toThrow(
      "cas.letsencrypt.limits.newOrdersPerAccount.per is \"a week\": write '3 hours', '7 days' or a number of seconds.",
    );
  });
});

describe('The registered domain', () => {
  it.each([
    ['www.shop.example.com', 'example.com'],
    ['*.example.co.uk', 'example.co.uk'],
    ['a.b.github.io', 'b.github.io'],
    ['github.io', 'github.io'],
    ['a.example.test', 'example.test'],
  ])('of %s is %s', (name, domain) => {
    expect(registeredDomains([name])).toEqual([domain]);
  });

  it('is listed once for all names below it', () => {
    expect(registeredDomains(['*.example.com', 'example.com', 'b.example.org'])).toEqual([
      'example.com',
      'example.org',
    ]);
  });
});
