import type { ACMClient } from '@aws-sdk/client-acm';
import { describe, expect, it } from 'vitest';
import { createAcmPort } from '../../../lambdas/targets/acm.ts';
import { type CertificateRecipe, makeCertificate, type TestCertificate } from '../../support/certificates.ts';

const OWNER = { certificate: 'shop', target: 'cdn' };
const DOMAINS = ['*.shop.test', 'shop.test'];

/** Makes a client, with the settings that the port asks for, of an account that holds no certificate. */
export type StartAcm = () => Promise<ACMClient>;

/** What the ACM port promises, whoever plays ACM: our fake, an emulator, AWS. */
export function acmPortContract(account: string, start: StartAcm): void {
  const setUp = async () => createAcmPort({ client: await start(), table: 'table' });

  describe(`The ACM port on ${account}`, () => {
    it('imports a certificate and reads back which one it is', async () => {
      const port = await setUp();
      const made = await make({ domains: DOMAINS });
      const arn = await port.importCertificate(made, OWNER);
      expect(arn).toMatch(/^arn:aws:acm:/);
      expect(await port.describe(arn)).toEqual(identityOf(made));
    });

    it('re-imports onto the same ARN, where the new certificate then is', async () => {
      const port = await setUp();
      const arn = await port.importCertificate(await make({ domains: DOMAINS }), OWNER);
      const next = await make({ domains: DOMAINS });
      expect(await port.importCertificate(next, OWNER, arn)).toBe(arn);
      expect(await port.describe(arn)).toEqual(identityOf(next));
    });

    it('says undefined of an ARN that holds nothing', async () => {
      const port = await setUp();
      const arn = await port.importCertificate(await make({ domains: DOMAINS }), OWNER);
      expect(await port.describe(arn.replace(/[^/]+$/, '00000000-0000-4000-8000-000000000000'))).toBeUndefined();
    });

    it.each(['ecdsa-p256', 'ecdsa-p384', 'rsa-2048', 'rsa-3072'] as const)(
      'finds a first import of type %s by its owner and its names, in any order',
      async (keyType) => {
        const port = await setUp();
        const arn = await port.importCertificate(await make({ domains: DOMAINS, keyType }), OWNER);
        expect(await port.find(OWNER, [...DOMAINS].reverse())).toBe(arn);
      },
    );

    it('finds neither another target’s, nor another certificate’s, nor one of other names', async () => {
      const port = await setUp();
      await port.importCertificate(await make({ domains: DOMAINS }), { ...OWNER, target: 'other' });
      await port.importCertificate(await make({ domains: DOMAINS }), { ...OWNER, certificate: 'other' });
      await port.importCertificate(await make({ domains: ['shop.test'] }), OWNER);
      await port.importCertificate(await make({ domains: [...DOMAINS, 'more.test'] }), OWNER);
      expect(await port.find(OWNER, DOMAINS)).toBeUndefined();
    });

    it('finds what its own stack has imported, not what another stack of the account has under the same name', async () => {
      const client = await start();
      await createAcmPort({ client, table: 'production' }).importCertificate(await make({ domains: DOMAINS }), OWNER);
      expect(await createAcmPort({ client, table: 'test' }).find(OWNER, DOMAINS)).toBeUndefined();
      expect(await createAcmPort({ client, table: 'production' }).find(OWNER, DOMAINS)).toBeDefined();
    });
  });
}

/** With a common name: not every emulator takes a certificate without one. */
function make(recipe: CertificateRecipe): Promise<TestCertificate> {
  return makeCertificate({ commonName: 'shop.test', ...recipe });
}

function identityOf({ sha256, notBefore, notAfter }: TestCertificate) {
  return { sha256, notBefore, notAfter };
}
