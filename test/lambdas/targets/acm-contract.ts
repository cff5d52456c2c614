import type { ACMClient } from '@aws-sdk/client-acm';
import { expect } from 'vitest';
import { createAcmPort } from '../../../lambdas/targets/acm.ts';
import { type CertificateRecipe, makeCertificate, type TestCertificate } from '../../support/certificates.ts';
import { contract, type Judge } from '../../support/contract.ts';

const OWNER = { certificate: 'shop', target: 'cdn' };
const DOMAINS = ['*.shop.test', 'shop.test'];
const KEY_TYPES = ['ecdsa-p256', 'ecdsa-p384', 'rsa-2048', 'rsa-3072'] as const;

/** Makes a client, with the settings that the port asks for. */
export type StartAcm = () => Promise<ACMClient>;

/** What the ACM port promises, whoever plays ACM: our fake, an emulator, AWS. */
export function acmPortContract(judge: Judge, start: StartAcm): void {
  /** A table of its own for each test: what others have imported there is another stack's. */
  const setUp = async () => createAcmPort({ client: await start(), table: nextTable() });

  contract('The ACM port', judge, (it) => {
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
      expect(await port.find(OWNER, DOMAINS)).toBe(arn);
    });

    it('says undefined of an ARN that holds nothing', async () => {
      const port = await setUp();
      const arn = await port.importCertificate(await make({ domains: DOMAINS }), OWNER);
      expect(await port.describe(nowhere(arn))).toBeUndefined();
      expect(await port.inspect(nowhere(arn))).toBeUndefined();
    });

    it('has a re-import onto an ARN that is gone tried again', async () => {
      const port = await setUp();
      const arn = await port.importCertificate(await make({ domains: DOMAINS }), OWNER);
      const again = port.importCertificate(await make({ domains: DOMAINS }), OWNER, nowhere(arn));
      await expect(again).rejects.toMatchObject({ detail: { class: 'transient', code: 'ResourceNotFoundException' } });
    });

    for (const keyType of KEY_TYPES) {
      it(`finds a first import of type ${keyType} by its owner and its names, in any order`, async () => {
        const port = await setUp();
        const arn = await port.importCertificate(await make({ domains: DOMAINS, keyType }), OWNER);
        expect(await port.find(OWNER, [...DOMAINS].reverse())).toBe(arn);
      });

      it(`tells that an imported certificate is of type ${keyType} and in nobody's use`, async () => {
        const port = await setUp();
        const arn = await port.importCertificate(await make({ domains: DOMAINS, keyType }), OWNER);
        expect(await port.inspect(arn)).toMatchObject({ type: 'IMPORTED', keyType, inUseBy: [] });
      });
    }

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
      const [production, test] = [nextTable(), nextTable()];
      await createAcmPort({ client, table: production }).importCertificate(await make({ domains: DOMAINS }), OWNER);
      expect(await createAcmPort({ client, table: test }).find(OWNER, DOMAINS)).toBeUndefined();
      expect(await createAcmPort({ client, table: production }).find(OWNER, DOMAINS)).toBeDefined();
    });

    it('refuses a key that is not the certificate’s', async () => {
      const port = await setUp();
      const [made, other] = [await make({ domains: DOMAINS }), await make({ domains: DOMAINS })];
      const refused = port.importCertificate({ ...made, privateKeyPem: other.privateKeyPem }, OWNER);
      await expect(refused).rejects.toMatchObject(VALIDATION);
    });

    it('refuses a certificate without the chain that it needs', async () => {
      const port = await setUp();
      const made = await make({ domains: DOMAINS });
      await expect(port.importCertificate({ ...made, intermediatesPem: '' }, OWNER)).rejects.toMatchObject(VALIDATION);
    });

    it('refuses a whole chain in the place of the leaf', async () => {
      const port = await setUp();
      const made = await make({ domains: DOMAINS });
      const refused = port.importCertificate({ ...made, leafPem: made.chainPem }, OWNER);
      await expect(refused).rejects.toMatchObject(VALIDATION);
    });

    it('refuses a certificate that is over', async () => {
      const port = await setUp();
      const past = { notBefore: new Date(Date.now() - 20 * DAY_MS), notAfter: new Date(Date.now() - DAY_MS) };
      const over = await make({ domains: DOMAINS, ...past });
      await expect(port.importCertificate(over, OWNER)).rejects.toMatchObject(VALIDATION);
    });

    it('refuses another key type onto an ARN, and says what to do', async () => {
      const port = await setUp();
      const arn = await port.importCertificate(await make({ domains: DOMAINS }), OWNER);
      const refused = port.importCertificate(await make({ domains: DOMAINS, keyType: 'rsa-2048' }), OWNER, arn);
      await expect(refused).rejects.toMatchObject({
        detail: { ...VALIDATION.detail, message: expect.stringContaining('declare a new target') },
      });
    });

    it('takes a certificate without a common name', async () => {
      const port = await setUp();
      const made = await makeCertificate({ domains: DOMAINS });
      const arn = await port.importCertificate(made, OWNER);
      expect(await port.describe(arn)).toEqual(identityOf(made));
      expect(await port.find(OWNER, DOMAINS)).toBe(arn);
    });
  });
}

const DAY_MS = 86_400_000;
const VALIDATION = { detail: { class: 'person', code: 'ValidationException' } };

let tables = 0;

function nextTable(): string {
  tables += 1;
  return `table-${process.pid}-${tables}`;
}

function nowhere(arn: string): string {
  return arn.replace(/[^/]+$/, '00000000-0000-4000-8000-000000000000');
}

/** With a common name: not every emulator takes a certificate without one. */
function make(recipe: CertificateRecipe): Promise<TestCertificate> {
  return makeCertificate({ commonName: 'shop.test', ...recipe });
}

function identityOf({ sha256, notBefore, notAfter }: TestCertificate) {
  return { sha256, notBefore, notAfter };
}
