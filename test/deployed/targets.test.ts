import { ApiGatewayV2Client, CreateDomainNameCommand, GetDomainNameCommand } from '@aws-sdk/client-apigatewayv2';
import { CloudFrontClient, CreateDistributionCommand, GetDistributionCommand } from '@aws-sdk/client-cloudfront';
import { CreateKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { CreateBucketCommand, GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TargetRow } from '../../lambdas/core/rows.ts';
import { findPython } from '../../local/peers/python.ts';
import type { DeployedStack } from './support/deployed-stack.ts';
import { type DeployedWorld, startWorld } from './support/deployed-world.ts';

const MINUTES = 60_000;
const DOMAIN = 'www.garden.test';
const OF_OTHERS = 'arn:aws:acm:us-east-1:000000000000:certificate/00000000-0000-0000-0000-000000000000';

describe.runIf((await findPython()) !== undefined)('targets in an account whose roles are enforced', () => {
  let world: DeployedWorld;
  let stack: DeployedStack;
  let distribution = '';

  const clients = () => {
    const { client } = world.ground.ministack;
    return {
      apis: new ApiGatewayV2Client(client),
      cloudFront: new CloudFrontClient(client),
      kms: new KMSClient(client),
      s3: new S3Client({ ...client, forcePathStyle: true }),
      secrets: new SecretsManagerClient(client),
    };
  };

  beforeAll(async () => {
    world = await startWorld();
    const { apis, cloudFront, kms, s3 } = clients();
    const { KeyMetadata } = await kms.send(new CreateKeyCommand({}));
    await s3.send(new CreateBucketCommand({ Bucket: 'exports-of-perennial' }));
    const DomainNameConfigurations = [{ CertificateArn: OF_OTHERS, EndpointType: 'REGIONAL' as const }];
    await apis.send(new CreateDomainNameCommand({ DomainName: DOMAIN, DomainNameConfigurations }));
    const made = await cloudFront.send(new CreateDistributionCommand({ DistributionConfig: DISTRIBUTION }));
    distribution = made.Distribution?.Id ?? '';
    await world.person('Targets').types('npx cdk bootstrap');
    const certificate = world.certificate('site', DOMAIN);
    const [acm] = certificate.targets ?? [];
    stack = await world.deploy('Targets', {
      certificates: [
        {
          ...certificate,
          targets: [
            { ...acm, kind: 'acm', distributions: [distribution] },
            { kind: 'api-gateway', domainName: DOMAIN, api: 'http', region: 'us-east-1', probe: 'control-plane' },
            { kind: 'secrets-manager', secretName: 'certificates/site' },
            // Without a key of the user's own MiniStack takes no SSE-KMS; AWS takes `aws/s3`.
            { kind: 's3', bucket: 'exports-of-perennial', prefix: 'site/', kmsKeyArn: KeyMetadata?.Arn ?? '' },
            {
              kind: 's3',
              id: 'missing',
              bucket: 'not-there-at-all',
              prefix: 'site/',
              kmsKeyArn: KeyMetadata?.Arn ?? '',
            },
          ],
        },
      ],
    });
  }, 10 * MINUTES);

  afterAll(async () => {
    await world?.stop();
  }, MINUTES);

  async function target(id: string): Promise<TargetRow | undefined> {
    return (await stack.targets('site')).find((row) => row.target.id === id);
  }

  it(
    'each hold the certificate, put there by the Lambda of its family with its own role',
    async () => {
      await stack.sweep();
      const version = await stack.until('site is issued', async () => (await stack.role('site')).version);
      for (const id of ['acm', 'api-gateway-www-garden-test', 'secrets-manager', 's3']) {
        const row = await stack.until(`${id} is proven`, async () => {
          const seen = await target(id);
          if (seen?.failure !== undefined) throw new Error(`${id}: ${seen.failure.message}`);
          return seen?.proven === version && seen;
        });
        expect(row.pushed).toBe(version);
      }
      await expectAll(version);
    },
    5 * MINUTES,
  );

  it(
    'fail by themselves: a bucket that is not there is told, with what to do',
    async () => {
      const failed = await stack.until('the push fails', async () => (await target('missing'))?.failure);
      expect(failed).toMatchObject({ class: 'person', code: 'NoSuchBucket' });
      expect(failed.message).toContain('Create the bucket not-there-at-all');
    },
    5 * MINUTES,
  );

  async function expectAll(version: string): Promise<void> {
    const { apis, cloudFront, s3, secrets } = clients();
    const arn = (await target('acm'))?.remoteId;
    const domain = await apis.send(new GetDomainNameCommand({ DomainName: DOMAIN }));
    expect(domain.DomainNameConfigurations?.[0]).toMatchObject({ CertificateArn: arn, EndpointType: 'REGIONAL' });
    const served = await cloudFront.send(new GetDistributionCommand({ Id: distribution }));
    expect(served.Distribution?.DistributionConfig?.ViewerCertificate?.ACMCertificateArn).toBe(arn);
    const secret = await secrets.send(new GetSecretValueCommand({ SecretId: 'certificates/site' }));
    expect(JSON.parse(secret.SecretString ?? '')).toMatchObject({ sha256: version });
    const Bucket = 'exports-of-perennial';
    const current = await s3.send(new GetObjectCommand({ Bucket, Key: 'site/current.json' }));
    const { files, ...named } = JSON.parse((await current.Body?.transformToString()) ?? '');
    expect(named.version).toBe(version);
    const listed = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: `site/${version}/` }));
    expect((listed.Contents ?? []).map(({ Key }) => Key).sort()).toEqual(Object.values<string>(files).sort());
  }
});

const DISTRIBUTION = {
  CallerReference: 'site',
  Comment: 'of the user',
  Enabled: true,
  Aliases: { Quantity: 1, Items: [DOMAIN] },
  Origins: {
    Quantity: 1,
    Items: [
      {
        Id: 'origin',
        DomainName: 'origin.garden.test',
        CustomOriginConfig: { HTTPPort: 80, HTTPSPort: 443, OriginProtocolPolicy: 'https-only' as const },
      },
    ],
  },
  DefaultCacheBehavior: { TargetOriginId: 'origin', ViewerProtocolPolicy: 'redirect-to-https' as const },
};
