import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Expectation } from '../../../lambdas/core/verify-certificate.ts';
import { hasKey, parseChain, readIssued, refusalOf } from '../../../lambdas/core/verify-certificate.ts';
import type { CertificateRecipe, TestCertificate } from '../../support/certificates.ts';
import { makeCertificate } from '../../support/certificates.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const NOW = Date.UTC(2027, 0, 1);
const DOMAINS = ['example.test', 'www.example.test'];

const make = (recipe: Partial<CertificateRecipe> = {}): Promise<TestCertificate> =>
  makeCertificate({ domains: DOMAINS, notBefore: new Date(NOW - HOUR), ...recipe });

/** Expects exactly what this certificate is, issued under its own root. */
function expecting(made: TestCertificate, changes: Partial<Expectation> = {}): Expectation {
  const ca = { environment: 'production', issuerRootsPem: made.rootPem } as const;
  return { keyPem: made.privateKeyPem, domains: DOMAINS, ca, now: NOW, ...changes };
}

describe('A certificate is accepted', () => {
  it.each(['ecdsa-p256', 'ecdsa-p384', 'rsa-2048'] as const)('with the key type %s', async (keyType) => {
    const made = await make({ keyType });
    expect(refusalOf(made.chainPem, expecting(made))).toBeUndefined();
  });

  it('whatever order its names are in, and with a wildcard', async () => {
    const made = await make({ domains: ['www.example.test', '*.example.test', 'example.test'] });
    const domains = ['example.test', '*.example.test', 'www.example.test'];
    expect(refusalOf(made.chainPem, expecting(made, { domains }))).toBeUndefined();
  });

  it('with its root at the end of the chain, which is not kept', async () => {
    const made = await make();
    expect(refusalOf(made.chainPem + made.rootPem, expecting(made))).toBeUndefined();
    const issued = readIssued(made.chainPem + made.rootPem);
    expect(parseChain(issued?.intermediatesPem ?? '')).toHaveLength(1);
  });

  it('without a common name, a year before or after others end', async () => {
    const made = await make({ notAfter: new Date(NOW + 400 * 24 * HOUR) });
    expect(refusalOf(made.chainPem, expecting(made))).toBeUndefined();
  });

  it('that begins within the hour, since clocks differ', async () => {
    const made = await make({ notBefore: new Date(NOW + 59 * MINUTE) });
    expect(refusalOf(made.chainPem, expecting(made))).toBeUndefined();
  });

  it('with line ends and text of other systems around its PEM blocks', async () => {
    const made = await make();
    const chain = `subject=x\r\n${made.chainPem.replaceAll('\n', '\r\n')}\r\n`;
    expect(refusalOf(chain, expecting(made))).toBeUndefined();
  });
});

describe('A certificate is refused', () => {
  it('that holds another key', async () => {
    const [made, other] = [await make(), await make()];
    const refusal = refusalOf(made.chainPem, expecting(made, { keyPem: other.privateKeyPem }));
    expect(refusal).toBe('its public key is not that of the CSR');
  });

  it('that holds a key of another type', async () => {
    const [made, other] = [await make(), await make({ keyType: 'rsa-2048' })];
    expect(refusalOf(made.chainPem, expecting(made, { keyPem: other.privateKeyPem }))).toContain('public key');
  });

  it.each([
    ['a missing name', ['example.test']],
    ['a name too many', [...DOMAINS, 'evil.test']],
    ['other names', ['a.test', 'b.test']],
    ['a wildcard instead of its names', ['*.example.test', 'example.test']],
    ['no name at all', []],
  ])('with %s', async (_what, domains) => {
    const made = await make({ domains });
    expect(refusalOf(made.chainPem, expecting(made))).toContain('its names are');
  });

  it.each([
    ['has ended', { notAfter: new Date(NOW - 1000) }, 'it ended at'],
    ['ends at this second', { notAfter: new Date(NOW) }, 'it ended at'],
    ['begins in more than an hour', { notBefore: new Date(NOW + 61 * MINUTE) }, 'it begins only at'],
  ])('that %s', async (_what, dates, refusal) => {
    const made = await make({ notBefore: new Date(NOW - 100 * 24 * HOUR), ...dates });
    expect(refusalOf(made.chainPem, expecting(made))).toContain(refusal);
  });

  it('whose chain is out of order or broken', async () => {
    const [made, other] = [await make(), await make({ caKeyType: 'rsa-2048' })];
    expect(refusalOf(made.leafPem + made.rootPem, expecting(made))).toContain('certificate 1 of its chain');
    const broken = made.chainPem + other.intermediatesPem;
    expect(refusalOf(broken, expecting(made))).toContain('certificate 2 of its chain');
  });

  it('whose signature does not hold', async () => {
    const made = await make();
    const der = Buffer.from(made.leafPem.replace(/-----[^-]+-----|\s/g, ''), 'base64');
    der.writeUInt8(der.readUInt8(der.length - 1) ^ 1, der.length - 1);
    const forged = `-----BEGIN CERTIFICATE-----\n${der.toString('base64')}\n-----END CERTIFICATE-----\n`;
    expect(refusalOf(forged + made.intermediatesPem, expecting(made))).toContain('certificate 1 of its chain');
  });

  it('that names another issuer than the one that signed it', async () => {
    const made = await make({ issuerName: 'CN=Somebody Else' });
    expect(refusalOf(made.chainPem, expecting(made))).toContain('certificate 1 of its chain');
  });

  it('that came without its intermediate', async () => {
    const made = await make();
    expect(refusalOf(made.leafPem, expecting(made))).toContain('configured issuer roots');
  });

  it('that signed itself', async () => {
    const [made, other] = [await make({ selfSigned: true }), await make()];
    const ca = { environment: 'production', issuerRootsPem: other.rootPem } as const;
    expect(refusalOf(made.chainPem, expecting(made, { ca }))).toContain('configured issuer roots');
  });

  it('under roots that are not those configured', async () => {
    const [made, other] = [await make(), await make({ caKeyType: 'rsa-2048' })];
    const ca = { environment: 'production', issuerRootsPem: other.rootPem } as const;
    expect(refusalOf(made.chainPem, expecting(made, { ca }))).toContain('configured issuer roots');
  });

  it('of a production CA whose root nobody trusts', async () => {
    const made = await make();
    const refusal = refusalOf(made.chainPem, expecting(made, { ca: { environment: 'production' } }));
    expect(refusal).toBe('its chain does not end in a publicly trusted root');
  });

  it.each(['', 'no PEM', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'])(
    'that is none: %j',
    async (chain) => {
      const made = await make();
      expect(refusalOf(chain, expecting(made))).toBe('the CA sent no certificate that can be parsed');
      expect(readIssued(chain)).toBeUndefined();
    },
  );
});

describe('Staging and production', () => {
  afterEach(() => {
    vi.doUnmock('node:tls');
    vi.resetModules();
  });

  /** The module as it is where this root is one of the publicly trusted. */
  async function trusting(rootPem: string) {
    vi.resetModules();
    vi.doMock('node:tls', () => ({ rootCertificates: [rootPem] }));
    return import('../../../lambdas/core/verify-certificate.ts');
  }

  it.each([
    ['a production CA may end in a public root', 'production', undefined],
    ['a staging CA may not', 'staging', 'a staging CA sent a publicly trusted certificate'],
  ] as const)('never mix: the chain of %s', async (_what, environment, refusal) => {
    const made = await make();
    const module = await trusting(made.rootPem);
    expect(module.refusalOf(made.chainPem, expecting(made, { ca: { environment } }))).toBe(refusal);
  });

  it('never mix: a staging chain is none of the public ones', async () => {
    const made = await make();
    expect(refusalOf(made.chainPem, expecting(made, { ca: { environment: 'staging' } }))).toBeUndefined();
  });
});

describe('An issued certificate', () => {
  it('is read as leaf, intermediates, identity and dates', async () => {
    const made = await make();
    expect(readIssued(made.chainPem)).toEqual({
      sha256: made.sha256,
      leafPem: made.leafPem,
      intermediatesPem: made.intermediatesPem,
      notBefore: made.notBefore,
      notAfter: made.notAfter,
    });
  });

  it('belongs to its private key and to no other', async () => {
    const [made, other] = [await make(), await make()];
    const [leaf] = parseChain(made.chainPem);
    if (leaf === undefined) throw new Error('no leaf');
    expect([hasKey(leaf, made.privateKeyPem), hasKey(leaf, other.privateKeyPem)]).toEqual([true, false]);
  });
});
