import { X509Certificate } from 'node:crypto';
import { ACMClient } from '@aws-sdk/client-acm';
import { CloudFrontClient } from '@aws-sdk/client-cloudfront';
import { expect, it } from 'vitest';
import type { AcmTarget } from '../../lambdas/core/target-declaration.ts';
import { sha256Of } from '../../lambdas/core/verify-certificate.ts';
import { createAcmPort } from '../../lambdas/targets/acm.ts';
import { createAcmDriver } from '../../lambdas/targets/acm-driver.ts';
import { createCloudFrontPort } from '../../lambdas/targets/cloudfront.ts';
import { AcmAccount } from '../../local/aws/acm.ts';
import { CloudFrontAccount } from '../../local/aws/cloudfront.ts';
import { ExtendedKeyUsage, KeyUsageFlags, makeCertificate } from '../support/certificates.ts';
import { describeTarget, type TargetStage } from './contract.ts';
import { ACM_SETTINGS, CLIENT_SETTINGS, PLACE, StageCalls } from './stage.ts';
import { DOMAINS, jobOf, type TestVersion, twoVersions } from './target-job.ts';

type Stage = TargetStage<AcmTarget> & { readonly account: AcmAccount; readonly cdn: CloudFrontAccount };

const makeStage = (served: boolean) => (): Stage => {
  const account = new AcmAccount({ ...PLACE, now: () => Date.now() });
  const cdn = new CloudFrontAccount({ ...PLACE, now: () => 0, certificate: (arn) => account.seenByCloudFront(arn) });
  const distribution = cdn.createDistribution(['www.shop.test']);
  const calls = new StageCalls();
  const client = calls.connect(new ACMClient(ACM_SETTINGS), account);
  const port = createAcmPort({ client, table: 'table' });
  const cloudFront = createCloudFrontPort({ client: calls.connect(new CloudFrontClient(CLIENT_SETTINGS), cdn) });
  const arnServed = () =>
    served ? cdn.config(distribution).ViewerCertificate?.ACMCertificateArn : account.certificates().at(-1)?.arn;
  return {
    account,
    cdn,
    driver: createAcmDriver({ acm: () => port, cloudFront }),
    target: { id: 'one', kind: 'acm', probe: 'control-plane', ...(served && { distributions: [distribution] }) },
    setAround: (around) => calls.setAround(around),
    writes: () => calls.writes(),
    held: async () => {
      const found = account.certificates().find(({ arn }) => arn === arnServed());
      return found && sha256Of(new X509Certificate(found.leafPem));
    },
    objects: () => account.certificates().length,
  };
};

describeTarget('A certificate in ACM', makeStage(false));
describeTarget('A certificate in ACM that CloudFront serves', makeStage(true));

/** A row that remembers what was made. */
function rowOf(remoteId?: string) {
  const made: string[] = [];
  const noWork = async () => {};
  const making = { perhapsAs: [], announce: noWork, refused: noWork, made: async (id: string) => void made.push(id) };
  return { made, row: { superseded: [], making, ...(remoteId === undefined ? {} : { remoteId }) } };
}

it.each([
  ['of another key type', async () => (await twoVersions('rsa-2048'))[1]],
  ['with fewer key usages', async () => version({ keyUsages: KeyUsageFlags.digitalSignature, extendedKeyUsages: [] })],
] as const)('ACM gets a certificate %s under a new ARN, and CloudFront changes over to it', async (_what, next) => {
  const { driver, target, account, held, cdn } = makeStage(true)();
  const first = await version({
    keyUsages: KeyUsageFlags.digitalSignature,
    extendedKeyUsages: [ExtendedKeyUsage.serverAuth],
  });
  const before = jobOf(target, first, rowOf().row);
  const { remoteId } = await driver.install(before);
  await driver.attach?.(before, remoteId);
  const { row } = rowOf(remoteId);
  const job = jobOf(target, await next(), row);
  const installed = await driver.install(job);
  expect(installed.remoteId).not.toBe(remoteId);
  await driver.attach?.(job, installed.remoteId);
  expect(await held()).toBe(job.sha256);
  account.setInUseBy(installed.remoteId, ['arn:aws:cloudfront::123456789012:distribution/E1']);
  expect(cdn.names(remoteId)).toBe(false);
  expect(await driver.discard?.(target, remoteId)).toBe(true);
  expect(account.certificates().map(({ arn }) => arn)).toEqual([installed.remoteId]);
});

it('ACM keeps a superseded certificate that something still serves', async () => {
  const { driver, target, account } = makeStage(false)();
  const [first] = await twoVersions();
  const { remoteId } = await driver.install(jobOf(target, first, rowOf().row));
  account.setInUseBy(remoteId, ['arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/shop/1']);
  expect(await driver.discard?.(target, remoteId)).toBe(false);
  expect(await driver.serves?.(target, remoteId)).toBe(first.sha256);
});

async function version(recipe: Omit<Parameters<typeof makeCertificate>[0], 'domains'>): Promise<TestVersion> {
  return { ...(await makeCertificate({ domains: DOMAINS, ...recipe })), keyType: 'ecdsa-p256', opened: 0 };
}
