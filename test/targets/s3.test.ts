import { S3Client } from '@aws-sdk/client-s3';
import { expect, it } from 'vitest';
import type { S3Target } from '../../lambdas/core/target-declaration.ts';
import { createS3Driver } from '../../lambdas/targets/s3.ts';
import { AwsFault } from '../../local/aws/fault.ts';
import { S3Account } from '../../local/aws/s3.ts';
import { describeTarget, type TargetStage } from './contract.ts';
import { CLIENT_SETTINGS, StageCalls } from './stage.ts';
import { jobOf, twoVersions } from './target-job.ts';

const TARGET: S3Target = {
  id: 'one',
  kind: 's3',
  bucket: 'certificates',
  prefix: 'shop/',
  probe: 'control-plane',
};

function makeStage(): TargetStage<S3Target> & { readonly account: S3Account } {
  const account = new S3Account();
  account.createBucket('certificates');
  const calls = new StageCalls();
  const client = calls.connect(new S3Client(CLIENT_SETTINGS), account);
  const objects = () => account.objects('certificates');
  return {
    account,
    driver: createS3Driver({ clientFor: () => client }),
    target: TARGET,
    setAround: (around) => calls.setAround(around),
    writes: () => calls.writes(),
    held: async () => {
      const current = objects()['shop/current.json'];
      if (current === undefined) return undefined;
      const { version, files } = JSON.parse(current);
      const isWhole = Object.values<string>(files).every((key) => key in objects());
      return isWhole ? version : 'incomplete';
    },
    objects: () =>
      new Set(Object.keys(objects()).flatMap((key) => /^shop\/([0-9a-f]{64})\//.exec(key)?.[1] ?? [])).size,
  };
}

describeTarget('A folder of S3', makeStage);

async function noWork(): Promise<void> {}
const row = { superseded: [], making: { perhapsAs: [], announce: noWork, refused: noWork, made: noWork } };

it('current.json of S3 is written after all files that it names', async () => {
  const stage = makeStage();
  const order: string[] = [];
  stage.setAround(async (operation, { Key }, act) => {
    if (operation === 'PutObject') order.push(String(Key));
    return act();
  });
  const [version] = await twoVersions();
  await stage.driver.install(jobOf(TARGET, version, row));
  const folder = `shop/${version.sha256}/`;
  expect(order).toEqual([
    ...['cert.pem', 'chain.pem', 'fullchain.pem', 'privkey.pem', 'certificate.p12', 'p12-password.txt'].map(
      (name) => `${folder}${name}`,
    ),
    'shop/current.json',
  ]);
  expect(stage.account.objects('certificates')[`${folder}privkey.pem`]).toBe(version.privateKeyPem);
});

it('The version that current.json of S3 names is never discarded', async () => {
  const stage = makeStage();
  const [version] = await twoVersions();
  const { remoteId } = await stage.driver.install(jobOf(TARGET, version, row));
  expect(await stage.driver.discard?.(TARGET, remoteId)).toBe(false);
  expect(await stage.held()).toBe(version.sha256);
});

it('A bucket that is not there is told with what to do', async () => {
  const stage = makeStage();
  const [version] = await twoVersions();
  await expect(stage.driver.install(jobOf({ ...TARGET, bucket: 'gone' }, version, row))).rejects.toMatchObject({
    detail: { class: 'person', code: 'NoSuchBucket', message: expect.stringContaining('Create the bucket gone') },
  });
});

it.each([
  [
    'a bucket of another region',
    'PermanentRedirect',
    301,
    'Write the region of certificates as region of the target "one"',
  ],
  ['a bucket that may not be read', 'AccessDenied', 403, 'the bucket policy of certificates'],
])(
  'For %s it is told what to do, although S3 names no error where it answers HEAD',
  async (_what, code, status, remedy) => {
    const stage = makeStage();
    stage.setAround(async (operation) => {
      throw new AwsFault(operation === 'HeadObject' ? 'Unknown' : code, 'told so', status);
    });
    const [version] = await twoVersions();
    await expect(stage.driver.install(jobOf(TARGET, version, row))).rejects.toMatchObject({
      detail: { class: 'person', code, message: expect.stringContaining(remedy) },
    });
  },
);
