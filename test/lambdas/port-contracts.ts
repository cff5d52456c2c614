import type { SSMClient } from '@aws-sdk/client-ssm';
import type { Differences } from '../support/contract.ts';
import { type AlertsBench, alertsContract } from './alerts/alerts-contract.ts';
import { assumedRoleContract, type StsBench } from './dns/assumed-role-contract.ts';
import { type PublisherAccount, publisherContract } from './dns/publisher-contract.ts';
import { type KmsBench, keyVaultContract } from './keys/key-vault-contract.ts';
import { type SecretsBench, secretsContract } from './keys/secrets-contract.ts';
import { acmPortContract, type StartAcm } from './targets/acm-contract.ts';
import { arnParametersContract } from './targets/arn-parameters-contract.ts';
import { type CloudFrontBench, cloudFrontContract } from './targets/cloudfront-contract.ts';

/** Somebody who plays every service that a port talks to. Each is asked for when a test begins. */
export type PortAccount = {
  readonly acm: StartAcm;
  readonly cloudFront: () => Promise<CloudFrontBench>;
  readonly ssm: () => SSMClient;
  readonly secretsManager: () => SecretsBench;
  readonly kms: () => KmsBench;
  readonly alerts: () => Promise<AlertsBench>;
  readonly route53: () => PublisherAccount;
  readonly sts: () => StsBench;
};

/** Known differences from AWS, by service. */
export type AccountDifferences = Partial<Record<keyof PortAccount, Differences>>;

/** What all ports promise, whoever plays AWS: the strict fakes, an emulator. */
export function portContracts(name: string, account: PortAccount, differences: AccountDifferences = {}): void {
  const judge = (service: keyof PortAccount) => ({ name, differences: differences[service] });
  acmPortContract(judge('acm'), account.acm);
  cloudFrontContract(judge('cloudFront'), account.cloudFront);
  arnParametersContract(judge('ssm'), account.ssm);
  secretsContract(judge('secretsManager'), account.secretsManager);
  keyVaultContract(judge('kms'), account.kms);
  alertsContract(judge('alerts'), account.alerts);
  publisherContract(judge('route53'), account.route53);
  assumedRoleContract(judge('sts'), account.sts);
}
