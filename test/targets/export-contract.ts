import type { S3Client } from '@aws-sdk/client-s3';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { GetSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { expect } from 'vitest';
import type { S3Target, SecretsManagerTarget } from '../../lambdas/core/target-declaration.ts';
import { createS3Driver } from '../../lambdas/targets/s3.ts';
import { createSecretsManagerDriver } from '../../lambdas/targets/secrets-manager.ts';
import { contract, type Judge } from '../support/contract.ts';
import { jobOf, type TestVersion, twoVersions } from './target-job.ts';

async function noWork(): Promise<void> {}
const ROW = { superseded: [], making: { perhapsAs: [], announce: noWork, refused: noWork, made: noWork } };

let names = 0;

/** What the driver of secrets relies on, whoever plays Secrets Manager. */
export function secretContract(judge: Judge, open: () => SecretsManagerClient): void {
  const setUp = async () => {
    const client = open();
    names += 1;
    const target: SecretsManagerTarget = {
      id: 'one',
      kind: 'secrets-manager',
      secretName: `contract/${names}`,
      probe: 'control-plane',
    };
    const driver = createSecretsManagerDriver({ clientFor: () => client, table: 'contract' });
    const held = async () => {
      const { SecretString = '{}' } = await client.send(new GetSecretValueCommand({ SecretId: target.secretName }));
      return JSON.parse(SecretString).sha256;
    };
    const [older, newer] = await twoVersions();
    return { older, newer, held, install: (version: TestVersion) => driver.install(jobOf(target, version, ROW)) };
  };

  contract('The secret', judge, (it) => {
    it('is made, and left alone where it holds the version', async () => {
      const { install, older, held } = await setUp();
      await install(older);
      await install(older);
      expect([await held(), older.opened]).toEqual([older.sha256, 1]);
    });

    it('holds the next version, and the one before again when that is put back', async () => {
      const { install, older, newer, held } = await setUp();
      await install(older);
      await install(newer);
      expect(await held()).toBe(newer.sha256);
      await install(older);
      expect([await held(), older.opened]).toEqual([older.sha256, 1]);
    });
  });
}

/** What the driver of S3 relies on, whoever plays S3 with this bucket. */
export function objectContract(
  judge: Judge,
  open: () => Promise<{ readonly client: S3Client; readonly bucket: string; readonly kmsKeyArn?: string }>,
): void {
  const setUp = async (bucketName?: string) => {
    const { client, bucket, kmsKeyArn } = await open();
    names += 1;
    const target: S3Target = {
      id: 'one',
      kind: 's3',
      bucket: bucketName ?? bucket,
      prefix: `contract-${names}/`,
      ...(kmsKeyArn !== undefined && { kmsKeyArn }),
      probe: 'control-plane',
    };
    const driver = createS3Driver({ clientFor: () => client });
    const read = async (key: string) => {
      const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: target.prefix + key }));
      return Body?.transformToString();
    };
    const held = async () => JSON.parse((await read('current.json')) ?? '{}').version;
    const [older, newer] = await twoVersions();
    return {
      driver,
      target,
      older,
      newer,
      held,
      read,
      install: (of: TestVersion) => driver.install(jobOf(target, of, ROW)),
    };
  };

  contract('The objects', judge, (it) => {
    it('are written, and left alone where they are whole', async () => {
      const { install, older, held, read } = await setUp();
      await install(older);
      await install(older);
      expect([await held(), older.opened]).toEqual([older.sha256, 1]);
      expect(await read(`${older.sha256}/privkey.pem`)).toBe(older.privateKeyPem);
    });

    it('of a superseded version are removed, and those that current.json names are not', async () => {
      const { install, older, newer, held, driver, target, read } = await setUp();
      const before = await install(older);
      const after = await install(newer);
      expect(await driver.discard?.(target, after.remoteId)).toBe(false);
      expect(await driver.discard?.(target, before.remoteId)).toBe(true);
      expect(await held()).toBe(newer.sha256);
      await expect(read(`${older.sha256}/privkey.pem`)).rejects.toMatchObject({ name: 'NoSuchKey' });
    });

    it('in a bucket that is not there are told with what to do', async () => {
      const { install, older } = await setUp('this-bucket-is-not-there');
      await expect(install(older)).rejects.toMatchObject({ detail: { class: 'person', code: 'NoSuchBucket' } });
    });
  });
}
