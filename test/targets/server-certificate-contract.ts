import { GetServerCertificateCommand, type IAMClient } from '@aws-sdk/client-iam';
import { expect } from 'vitest';
import type { IamCertificateTarget } from '../../lambdas/core/target-declaration.ts';
import { createIamCertificateDriver } from '../../lambdas/targets/iam-certificate.ts';
import { contract, type Judge } from '../support/contract.ts';
import { jobOf, twoVersions } from './target-job.ts';

const TARGET: IamCertificateTarget = { id: 'one', kind: 'iam-certificate', distributions: [], probe: 'control-plane' };

async function noWork(): Promise<void> {}
const ROW = { superseded: [], making: { perhapsAs: [], announce: noWork, refused: noWork, made: noWork } };

/** What the driver of server certificates relies on, whoever plays IAM. */
export function serverCertificateContract(judge: Judge, open: () => IAMClient): void {
  const setUp = async () => {
    const client = open();
    const cloudFront = { associate: () => expect.fail('no distribution is named') };
    const driver = createIamCertificateDriver({ client, cloudFront });
    const [version, other] = await twoVersions();
    const install = (which = version) => driver.install(jobOf(TARGET, which, ROW));
    return { client, driver, version, other, install };
  };

  contract('The server certificate', judge, (it) => {
    it('is below the path that CloudFront sees, under the name of its version', async () => {
      const { client, install, version } = await setUp();
      const { remoteId } = await install();
      const { ServerCertificate } = await client.send(
        new GetServerCertificateCommand({ ServerCertificateName: remoteId }),
      );
      expect(ServerCertificate?.ServerCertificateMetadata).toMatchObject({
        Path: '/cloudfront/perennial/',
        ServerCertificateId: expect.stringMatching(/^\w{16,128}$/),
      });
      expect(ServerCertificate?.CertificateBody?.trim()).toBe(version.leafPem.trim());
      expect(ServerCertificate?.CertificateChain?.trim()).toBe(version.intermediatesPem.trim());
    });

    it('is uploaded once, and the key is opened once', async () => {
      const { install, version } = await setUp();
      expect(await install()).toEqual(await install());
      expect(version.opened).toBe(1);
    });

    it('is another of every version', async () => {
      const { install, other } = await setUp();
      expect((await install()).remoteId).not.toBe((await install(other)).remoteId);
    });

    it('is removed, and that it is gone is said again', async () => {
      const { driver, install } = await setUp();
      const { remoteId } = await install();
      expect(await driver.discard?.(TARGET, remoteId)).toBe(true);
      expect(await driver.discard?.(TARGET, remoteId)).toBe(true);
    });

    it('with a key of another certificate is refused', async () => {
      const { install, version, other } = await setUp();
      await expect(install({ ...version, privateKeyPem: other.privateKeyPem })).rejects.toMatchObject({
        detail: { class: 'person', code: 'KeyPairMismatchException' },
      });
    });
  });
}
