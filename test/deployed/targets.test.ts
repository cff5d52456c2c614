import { ApiGatewayV2Client, CreateDomainNameCommand, GetDomainNameCommand } from '@aws-sdk/client-apigatewayv2';
import { CloudFrontClient, CreateDistributionCommand, GetDistributionCommand } from '@aws-sdk/client-cloudfront';
import { DeleteRolePolicyCommand, IAMClient, ListRolesCommand, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { CreateKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { CreateBucketCommand, GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { StartExecutionCommand } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TargetRow } from '../../lambdas/core/rows.ts';
import { TARGET_FAMILIES } from '../../lambdas/core/target-family.ts';
import { findPython } from '../../local/peers/python.ts';
import type { DeployedStack } from './support/deployed-stack.ts';
import { type DeployedWorld, startWorld } from './support/deployed-world.ts';

const MINUTES = 60_000;
const DOMAIN = 'www.garden.test';
/** Services at which calls go wrong; S3's client names a bucket by its host, which no front can be. */
const FAULTY = ['SECRETS_MANAGER', 'CLOUDFRONT', 'APIGATEWAYV2'];
const HOLDING = ['acm', 'api-gateway-www-garden-test', 'secrets-manager', 's3'];
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
      iam: new IAMClient(client),
      kms: new KMSClient(client),
      s3: new S3Client({ ...client, forcePathStyle: true }),
      secrets: new SecretsManagerClient(client),
    };
  };

  beforeAll(async () => {
    world = await startWorld({ faulty: FAULTY });
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
      await allProven(version);
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

  it(
    'each hold its successor, on the same ARN, although writes are refused by 503 and answers are lost',
    async () => {
      const before = await target('acm');
      for (const service of FAULTY) world.faulty[service]?.breakWrites('unavailable', 'lost', 'unavailable');
      const version = await renewed();
      await allProven(version);
      await expectAll(version);
      expect((await target('acm'))?.remoteId).toBe(before?.remoteId);
      // CloudFront and API Gateway serve the ARN that they served: nothing was to be written there.
      expect(world.faulty.SECRETS_MANAGER?.played()).toBe(3);
    },
    5 * MINUTES,
  );

  it(
    'are left as they are by a run that comes twice, and by one of a claim that is over',
    async () => {
      const before = await stack.targets('site');
      const version = (await stack.role('site')).version ?? '';
      for (const { pk, sk, startSeq, target: declared } of before.filter(({ target: { id } }) =>
        HOLDING.includes(id),
      )) {
        const input = JSON.stringify({ schema: 1, pk, sk, startSeq, family: TARGET_FAMILIES[declared.kind] });
        const runs = ['once', 'twice'].map((name) =>
          stack.sfn.send(
            new StartExecutionCommand({ stateMachineArn: stack.machines.push, name: `${declared.id}-${name}`, input }),
          ),
        );
        await Promise.all(runs);
      }
      await stack.until('the runs have ended', async () => {
        await stack.watch.look();
        return stack.watch.running === 0;
      });
      await expectAll(version);
      const after = await stack.targets('site');
      const held = (rows: typeof before) =>
        rows
          .filter(({ target: { id } }) => HOLDING.includes(id))
          .map(({ remoteId, pushed, proven }) => [remoteId, pushed, proven]);
      expect(held(after)).toEqual(held(before));
    },
    5 * MINUTES,
  );

  it(
    'hold their successor although a service throttles every write for longer than one push tries',
    async () => {
      const front = world.faulty.SECRETS_MANAGER;
      const before = front?.played() ?? 0;
      front?.breakWrites(...Array<'throttled'>(8).fill('throttled'));
      const version = await renewed();
      await allProven(version);
      await expectAll(version);
      expect((front?.played() ?? 0) - before).toBe(8);
      expect(await target('secrets-manager')).not.toHaveProperty('failure');
    },
    5 * MINUTES,
  );

  it(
    'are told where a role may no longer write, with the action, while the others are proven; and hold it when it may',
    async () => {
      const { iam } = clients();
      const { Roles = [] } = await iam.send(new ListRolesCommand({}));
      const RoleName = Roles.find((role) => /PushExportRole/.test(role.RoleName ?? ''))?.RoleName ?? '';
      const PolicyName = 'taken-away';
      const Statement = [{ Effect: 'Deny', Action: 'secretsmanager:PutSecretValue', Resource: '*' }];
      const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement });
      await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName, PolicyDocument }));
      const refused = await renewed();
      const failed = await stack.until('the push is refused', async () => (await target('secrets-manager'))?.failure);
      expect(failed).toMatchObject({ class: 'person', code: 'AccessDeniedException' });
      expect(failed.message).toContain('secretsmanager:PutSecretValue');
      await allProven(refused, 'secrets-manager');
      await iam.send(new DeleteRolePolicyCommand({ RoleName, PolicyName }));
      const version = await renewed();
      await allProven(version);
      await expectAll(version);
    },
    5 * MINUTES,
  );

  it(
    'are proven only when a handshake shows the certificate, and none has failed because its edge is slow',
    async () => {
      const { edge } = world.ground;
      edge.setLagging(true);
      const version = await renewed();
      await stack.until('it is pushed', async () => (await target('acm'))?.pushed === version);
      const handshakes = edge.handshakes();
      await stack.until('the edge is looked at again', async () => {
        await stack.sweep();
        return edge.handshakes() > handshakes + 1;
      });
      expect((await target('acm'))?.proven).not.toBe(version);
      expect(await target('acm')).not.toHaveProperty('failure');
      edge.setLagging(false);
      edge.catchUp();
      await allProven(version);
    },
    5 * MINUTES,
  );

  /** Has it renewed. @returns the new version */
  async function renewed(): Promise<string> {
    const { version: before } = await stack.role('site');
    await stack.renew('site');
    return stack.until('site is renewed', async () => {
      const role = await stack.role('site');
      return role.version !== before && role.version;
    });
  }

  async function allProven(version: string, but?: string): Promise<void> {
    for (const id of HOLDING.filter((each) => each !== but)) {
      const row = await stack.until(`${id} is proven`, async () => {
        await stack.sweep();
        const seen = await target(id);
        return seen?.proven === version && seen;
      });
      expect(row.pushed).toBe(version);
    }
  }

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
