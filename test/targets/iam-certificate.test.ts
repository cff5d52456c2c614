import { X509Certificate } from 'node:crypto';
import { CloudFrontClient } from '@aws-sdk/client-cloudfront';
import { IAMClient } from '@aws-sdk/client-iam';
import { expect, it } from 'vitest';
import type { IamCertificateTarget } from '../../lambdas/core/target-declaration.ts';
import { sha256Of } from '../../lambdas/core/verify-certificate.ts';
import { createCloudFrontPort } from '../../lambdas/targets/cloudfront.ts';
import { createIamCertificateDriver } from '../../lambdas/targets/iam-certificate.ts';
import { CloudFrontAccount } from '../../local/aws/cloudfront.ts';
import { IamAccount } from '../../local/aws/iam.ts';
import { describeTarget, type TargetStage } from './contract.ts';
import { CLIENT_SETTINGS, PLACE, StageCalls } from './stage.ts';
import { jobOf, twoVersions } from './target-job.ts';

type Stage = TargetStage<IamCertificateTarget> & { readonly account: IamAccount; readonly cdn: CloudFrontAccount };

function makeStage(): Stage {
  const account: IamAccount = new IamAccount(PLACE.accountId, (id) => cdn.names(id));
  const cdn: CloudFrontAccount = new CloudFrontAccount({
    ...PLACE,
    now: () => 0,
    certificate: () => undefined,
    serverCertificate: (id) => account.seenByCloudFront(id),
  });
  const distribution = cdn.createDistribution(['www.shop.test']);
  const calls = new StageCalls();
  const cloudFront = createCloudFrontPort({ client: calls.connect(new CloudFrontClient(CLIENT_SETTINGS), cdn) });
  const client = calls.connect(new IAMClient(CLIENT_SETTINGS), account);
  return {
    account,
    cdn,
    driver: createIamCertificateDriver({ client, cloudFront }),
    target: { id: 'one', kind: 'iam-certificate', distributions: [distribution], probe: 'control-plane' },
    setAround: (around) => calls.setAround(around),
    writes: () => calls.writes(),
    held: async () => {
      const id = cdn.config(distribution).ViewerCertificate?.IAMCertificateId ?? '';
      const seen = account.seenByCloudFront(id);
      return seen && sha256Of(new X509Certificate(seen.body));
    },
    objects: () => Object.keys(account.certificates()).length,
  };
}

describeTarget('A server certificate of IAM', makeStage);

async function noWork(): Promise<void> {}
const row = { superseded: [], making: { perhapsAs: [], announce: noWork, refused: noWork, made: noWork } };

it('A server certificate of IAM that a distribution serves is left', async () => {
  const { driver, target, account } = makeStage();
  const [version] = await twoVersions();
  const job = jobOf(target, version, row);
  const { remoteId } = await driver.install(job);
  await driver.attach?.(job, remoteId);
  expect(await driver.discard?.(target, remoteId)).toBe(false);
  expect(Object.keys(account.certificates())).toEqual([remoteId]);
});

it('The name of a server certificate of IAM is legal however long its certificate is called', async () => {
  const { driver, target } = makeStage();
  const [version] = await twoVersions();
  const job = { ...jobOf(target, version, row), owner: { certificate: 'c'.repeat(64), target: 't'.repeat(64) } };
  expect((await driver.install(job)).remoteId).toMatch(
    new RegExp(`^perennial-c{64}.*-${version.sha256.slice(0, 16)}$`),
  );
});
