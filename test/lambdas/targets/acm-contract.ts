import type { ACMClient } from '@aws-sdk/client-acm';
import { describe, expect, it } from 'vitest';
import { createAcmPort } from '../../../lambdas/targets/acm.ts';
import { makeCertificate, type TestCertificate } from '../../support/certificates.ts';

const OWNER = { certificate: 'shop', target: 'cdn' };
const DOMAINS = ['*.shop.test', 'shop.test'];

/** Makes a client, with the settings that the port asks for, of an account that holds no certificate. */
export type StartAcm = () => Promise<ACMClient>;

/** What the ACM port promises, whoever plays ACM: our fake, an emulator, AWS. */
export function acmPortContract(account: string, start: StartAcm): void {
  const setUp = async () => createAcmPort({ client: await start() });

  describe(`The ACM port on ${account}`, () => {
    it('imports a certificate and reads back which one it is', async () => {
      const port = await setUp();
      const made = await makeCertificate({ domains: DOMAINS });
      const arn = await port.importCertificate(made, OWNER);
      expect(arn).toMatch(/^arn:aws:acm:/);
      expect(await port.describe(arn)).toEqual(identityOf(made));
    });

    it('re-imports onto the same ARN, where the new certificate then is', async () => {
      const port = await setUp();
      const arn = await port.importCertificate(await makeCertificate({ domains: DOMAINS }), OWNER);
      const next = await makeCertificate({ domains: DOMAINS });
      expect(await port.importCertificate(next, OWNER, arn)).toBe(arn);
      expect(await port.describe(arn)).toEqual(identityOf(next));
    });

    it('says undefined of an ARN that holds nothing', async () => {
      const port = await setUp();
      const arn = await port.importCertificate(await makeCertificate({ domains: DOMAINS }), OWNER);
      expect(await port.describe(arn.replace(/[^/]+$/, '00000000-0000-4000-8000-000000000000'))).toBeUndefined();
    });

    it.each(['ecdsa-p256', 'ecdsa-p384', 'rsa-2048', 'rsa-3072'] as const)(
      'finds a first import of type %s by its owner and its names, in any order',
      async (keyType) => {
        const port = await setUp();
        const arn = await port.importCertificate(await makeCertificate({ domains: DOMAINS, keyType }), OWNER);
        expect(await port.find(OWNER, [...DOMAINS].reverse())).toBe(arn);
      },
    );

    it('finds it still after a re-import, which cannot tag', async () => {
      const port = await setUp();
      const arn = await port.importCertificate(await makeCertificate({ domains: DOMAINS }), OWNER);
      await port.importCertificate(await makeCertificate({ domains: DOMAINS }), OWNER, arn);
      expect(await port.find(OWNER, DOMAINS)).toBe(arn);
    });

    it('finds neither another target’s, nor another certificate’s, nor one of other names', async () => {
      const port = await setUp();
      await port.importCertificate(await makeCertificate({ domains: DOMAINS }), { ...OWNER, target: 'other' });
      await port.importCertificate(await makeCertificate({ domains: DOMAINS }), { ...OWNER, certificate: 'other' });
      await port.importCertificate(await makeCertificate({ domains: ['shop.test'] }), OWNER);
      await port.importCertificate(await makeCertificate({ domains: [...DOMAINS, 'more.test'] }), OWNER);
      expect(await port.find(OWNER, DOMAINS)).toBeUndefined();
    });
  });
}

function identityOf({ sha256, notBefore, notAfter }: TestCertificate) {
  return { sha256, notBefore, notAfter };
}
