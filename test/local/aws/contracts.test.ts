import { ACMClient } from '@aws-sdk/client-acm';
import { CloudFrontClient } from '@aws-sdk/client-cloudfront';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { KMSClient } from '@aws-sdk/client-kms';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SNSClient } from '@aws-sdk/client-sns';
import { SSMClient } from '@aws-sdk/client-ssm';
import { ACM_CLIENT_SETTINGS } from '../../../lambdas/targets/acm.ts';
import { AcmAccount } from '../../../local/aws/acm.ts';
import { CloudFrontAccount } from '../../../local/aws/cloudfront.ts';
import { EventBridgeAccount } from '../../../local/aws/eventbridge.ts';
import { KmsAccount } from '../../../local/aws/kms.ts';
import { retriesWithoutDelay } from '../../../local/aws/retries.ts';
import { connectFake } from '../../../local/aws/seam.ts';
import { SecretsManagerAccount } from '../../../local/aws/secrets-manager.ts';
import { SnsAccount } from '../../../local/aws/sns.ts';
import { SsmAccount } from '../../../local/aws/ssm.ts';
import { StsAccount, stsPlugin } from '../../../local/aws/sts.ts';
import { fakeAccount } from '../../lambdas/dns/fake-account.ts';
import { type PortAccount, portContracts } from '../../lambdas/port-contracts.ts';

const PLACE = { accountId: '123456789012', region: 'us-east-1' };
const CREDENTIALS = { accessKeyId: 'test', secretAccessKey: 'test' };
const SETTINGS = { region: PLACE.region, credentials: CREDENTIALS, retryStrategy: retriesWithoutDelay() };
const DEPLOY_MS = 180_000;

const strictFakes: PortAccount = {
  acm: async () => {
    const client = new ACMClient({ ...SETTINGS, ...ACM_CLIENT_SETTINGS });
    return connectFake(client, new AcmAccount({ ...PLACE, now: Date.now }));
  },

  cloudFront: async () => {
    const clock = { now: 0 };
    const held = new Map<string, readonly string[]>();
    const account = new CloudFrontAccount({
      now: () => clock.now,
      accountId: PLACE.accountId,
      deployMs: DEPLOY_MS,
      certificate: (arn) => {
        const domains = held.get(arn);
        return domains && { domains, usable: true };
      },
    });
    return {
      client: connectFake(new CloudFrontClient(SETTINGS), account),
      createDistribution: async (aliases) => account.createDistribution(aliases),
      importCertificate: async (domains) => {
        const arn = `arn:aws:acm:us-east-1:${PLACE.accountId}:certificate/${held.size + 1}`;
        held.set(arn, domains);
        return arn;
      },
      settle: async () => {
        clock.now += DEPLOY_MS;
      },
    };
  },

  ssm: () => connectFake(new SSMClient(SETTINGS), new SsmAccount(PLACE)),

  secretsManager: () => {
    const account = new SecretsManagerAccount(PLACE);
    return {
      client: connectFake(new SecretsManagerClient(SETTINGS), account),
      putSecret: async (name, text) => account.putSecret(name, text),
      deleteSecret: async (name) => account.deleteSecret(name),
    };
  },

  kms: () => {
    const account = new KmsAccount(PLACE);
    return {
      client: connectFake(new KMSClient(SETTINGS), account),
      createKey: async () => account.createKey(),
      disableKey: async (arn) => account.setKeyState(arn, 'Disabled'),
      scheduleDeletion: async (arn) => account.setKeyState(arn, 'PendingDeletion'),
    };
  },

  alerts: async () => {
    const topics = new SnsAccount(PLACE);
    const bus = new EventBridgeAccount({ now: Date.now });
    return {
      sns: connectFake(new SNSClient(SETTINGS), topics),
      eventBridge: connectFake(new EventBridgeClient(SETTINGS), bus),
      topicArn: topics.createTopic('alerts'),
      told: async () => ({
        messages: topics.messages().map(({ subject, message }) => ({ subject, message })),
        events: bus.events().map(({ source, detailType, detail }) => ({ source, detailType, detail })),
      }),
    };
  },

  route53: () => fakeAccount(),

  sts: () => {
    const account = new StsAccount({ now: Date.now });
    return {
      options: () => ({
        clientConfig: { region: PLACE.region, credentials: CREDENTIALS },
        clientPlugins: [stsPlugin(account)],
      }),
      createRole: async (externalId) => {
        const roleArn = `arn:aws:iam::${PLACE.accountId}:role/contract`;
        account.putRole(roleArn, externalId === undefined ? {} : { externalId });
        return roleArn;
      },
      now: Date.now,
    };
  },
};

portContracts('the strict fakes', strictFakes);
