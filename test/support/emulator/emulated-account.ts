import { ACMClient } from '@aws-sdk/client-acm';
import { CloudFrontClient, CreateDistributionCommand } from '@aws-sdk/client-cloudfront';
import { CreateKeyCommand, DisableKeyCommand, KMSClient, ScheduleKeyDeletionCommand } from '@aws-sdk/client-kms';
import { CreateHostedZoneCommand, Route53Client } from '@aws-sdk/client-route-53';
import {
  CreateSecretCommand,
  DeleteSecretCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { SSMClient } from '@aws-sdk/client-ssm';
import { systemClock } from '../../../lambdas/ports/clock.ts';
import { ACM_CLIENT_SETTINGS, createAcmPort } from '../../../lambdas/targets/acm.ts';
import type { StsBench } from '../../lambdas/dns/assumed-role-contract.ts';
import type { PublisherAccount } from '../../lambdas/dns/publisher-contract.ts';
import type { KmsBench } from '../../lambdas/keys/key-vault-contract.ts';
import type { SecretsBench } from '../../lambdas/keys/secrets-contract.ts';
import type { PortAccount } from '../../lambdas/port-contracts.ts';
import type { CloudFrontBench } from '../../lambdas/targets/cloudfront-contract.ts';
import { makeCertificate } from '../certificates.ts';
import { listen } from './listeners.ts';
import { callIam, type EmulatorSettings } from './raw-call.ts';

/**
 * An emulator of AWS as an account for the contracts of the ports; all that a person would have made is made by AWS's own calls.
 * @param settings of an emulator that runs by the time a test begins
 */
export function emulatedAccount(settings: () => EmulatorSettings): PortAccount {
  return {
    acm: async () => new ACMClient({ ...settings(), ...ACM_CLIENT_SETTINGS }),
    cloudFront: async () => cloudFront(settings()),
    ssm: () => new SSMClient(settings()),
    secretsManager: () => secretsManager(settings()),
    kms: () => kms(settings()),
    alerts: () => listen(settings()),
    route53: () => route53(settings()),
    sts: () => sts(settings()),
  };
}

let made = 0;

/** A name that nothing else in the emulator has. */
function fresh(): string {
  made += 1;
  return `contract-${process.pid}-${made}`;
}

function cloudFront(settings: EmulatorSettings): CloudFrontBench {
  const client = new CloudFrontClient(settings);
  const acm = createAcmPort({ client: new ACMClient({ ...settings, ...ACM_CLIENT_SETTINGS }), table: 'contract' });
  return {
    client,
    createDistribution: async (aliases) => {
      const DistributionConfig = {
        CallerReference: fresh(),
        Aliases: { Quantity: aliases.length, Items: [...aliases] },
        Comment: 'made by somebody else',
        DefaultCacheBehavior: {
          TargetOriginId: 'origin',
          ViewerProtocolPolicy: 'redirect-to-https' as const,
          CachePolicyId: '658327ea-f89d-4fab-a63d-7e88639e58f6',
        },
        Enabled: true,
        Origins: {
          Quantity: 1,
          Items: [
            { Id: 'origin', DomainName: 'origin.s3.amazonaws.com', S3OriginConfig: { OriginAccessIdentity: '' } },
          ],
        },
        ViewerCertificate: { CloudFrontDefaultCertificate: true },
      };
      const { Distribution } = await client.send(new CreateDistributionCommand({ DistributionConfig }));
      return Distribution?.Id ?? '';
    },
    importCertificate: async (domains) =>
      acm.importCertificate(await makeCertificate({ domains, commonName: domains[0] ?? '' }), {
        certificate: fresh(),
        target: 'cdn',
      }),
    settle: async () => undefined,
  };
}

function secretsManager(settings: EmulatorSettings): SecretsBench {
  const client = new SecretsManagerClient(settings);
  const arns = new Map<string, string>();
  return {
    client,
    putSecret: async (name, SecretString) => {
      const known = arns.get(name);
      if (known !== undefined) await client.send(new PutSecretValueCommand({ SecretId: known, SecretString }));
      else arns.set(name, (await client.send(new CreateSecretCommand({ Name: name, SecretString }))).ARN ?? '');
      return arns.get(name) ?? '';
    },
    deleteSecret: async (SecretId) => {
      await client.send(new DeleteSecretCommand({ SecretId }));
    },
  };
}

function kms(settings: EmulatorSettings): KmsBench {
  const client = new KMSClient(settings);
  return {
    client,
    createKey: async () => (await client.send(new CreateKeyCommand({}))).KeyMetadata?.Arn ?? '',
    disableKey: async (arn) => {
      await client.send(new DisableKeyCommand({ KeyId: keyId(arn) }));
    },
    scheduleDeletion: async (arn) => {
      await client.send(new ScheduleKeyDeletionCommand({ KeyId: keyId(arn), PendingWindowInDays: 7 }));
    },
  };
}

/** moto takes no ARN here. */
function keyId(arn: string): string {
  return arn.replace(/^.*\//, '');
}

function route53(settings: EmulatorSettings): PublisherAccount {
  return {
    client: () => new Route53Client(settings),
    createZone: async (Name) => {
      const command = new CreateHostedZoneCommand({ Name, CallerReference: fresh() });
      const { HostedZone } = await new Route53Client(settings).send(command);
      return (HostedZone?.Id ?? '').replace('/hostedzone/', '');
    },
    clock: systemClock,
    settle: async () => undefined,
  };
}

function sts(settings: EmulatorSettings): StsBench {
  return {
    options: () => ({ clientConfig: settings }),
    createRole: async (externalId) => {
      const Condition = externalId === undefined ? {} : { StringEquals: { 'sts:ExternalId': externalId } };
      const Statement = [{ Effect: 'Allow', Principal: { AWS: '*' }, Action: 'sts:AssumeRole', Condition }];
      const AssumeRolePolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement });
      const xml = await callIam(settings, 'CreateRole', { RoleName: fresh(), AssumeRolePolicyDocument });
      return /<Arn>([^<]+)<\/Arn>/.exec(xml)?.[1] ?? xml;
    },
    now: Date.now,
  };
}
