import { ACMClient } from '@aws-sdk/client-acm';
import { APIGatewayClient } from '@aws-sdk/client-api-gateway';
import { ApiGatewayV2Client } from '@aws-sdk/client-apigatewayv2';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { CloudFrontClient } from '@aws-sdk/client-cloudfront';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { IAMClient } from '@aws-sdk/client-iam';
import { KMSClient } from '@aws-sdk/client-kms';
import { Route53Client } from '@aws-sdk/client-route-53';
import { S3Client } from '@aws-sdk/client-s3';
import { SchedulerClient } from '@aws-sdk/client-scheduler';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SFNClient } from '@aws-sdk/client-sfn';
import { SNSClient } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';
import { SSMClient } from '@aws-sdk/client-ssm';
import { ACM_CLIENT_SETTINGS } from '../../lambdas/targets/acm.ts';
import { retriesWithoutDelay } from '../aws/retries.ts';
import type { Around, FakeAccount } from '../aws/seam.ts';
import { connectFake } from '../aws/seam.ts';
import type { Calls } from './calls.ts';
import { LOCAL_REGION } from './template-values.ts';

type AccountName =
  | 'acm'
  | 'cloudFormation'
  | 'cloudFront'
  | 'cloudWatch'
  | 'events'
  | 'httpApis'
  | 'iam'
  | 'kms'
  | 'loadBalancing'
  | 'restApis'
  | 'route53'
  | 's3'
  | 'scheduler'
  | 'secrets'
  | 'sfn'
  | 'sns'
  | 'sqs'
  | 'ssm';

/** The accounts behind the clients, one a service. */
export type Accounts = Readonly<Record<AccountName, FakeAccount>>;

/** The real SDK clients of the steps and of the CLI, on the fakes of this account. */
export type LocalClients = {
  readonly dynamoDb: DynamoDBClient;
  readonly acm: ACMClient;
  readonly cloudFormation: CloudFormationClient;
  readonly cloudFront: CloudFrontClient;
  readonly cloudWatch: CloudWatchClient;
  readonly eventBridge: EventBridgeClient;
  readonly httpApis: ApiGatewayV2Client;
  readonly iam: IAMClient;
  readonly loadBalancing: ElasticLoadBalancingV2Client;
  readonly restApis: APIGatewayClient;
  readonly kms: KMSClient;
  readonly route53: Route53Client;
  readonly s3: S3Client;
  readonly scheduler: SchedulerClient;
  readonly secretsManager: SecretsManagerClient;
  readonly sfn: SFNClient;
  readonly sns: SNSClient;
  readonly sqs: SQSClient;
  readonly ssm: SSMClient;
  destroy(): void;
};

/** Puts clients on accounts, so that each attempt of each call passes through `calls`. */
export function createClients(accounts: Accounts, dynamoDb: DynamoDBClient, calls: Calls): LocalClients {
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const base = { region: LOCAL_REGION, credentials, retryStrategy: retriesWithoutDelay() };
  const around =
    (service: string): Around =>
    (operation, _input, act) =>
      calls.pass(service, operation, act);
  return {
    dynamoDb,
    acm: connectFake(
      new ACMClient({ region: LOCAL_REGION, credentials, ...ACM_CLIENT_SETTINGS }),
      accounts.acm,
      around('acm'),
    ),
    cloudFormation: connectFake(new CloudFormationClient(base), accounts.cloudFormation, around('cloudformation')),
    cloudFront: connectFake(new CloudFrontClient(base), accounts.cloudFront, around('cloudfront')),
    cloudWatch: connectFake(new CloudWatchClient(base), accounts.cloudWatch, around('cloudwatch')),
    eventBridge: connectFake(new EventBridgeClient(base), accounts.events, around('events')),
    httpApis: connectFake(new ApiGatewayV2Client(base), accounts.httpApis, around('apigatewayv2')),
    iam: connectFake(new IAMClient(base), accounts.iam, around('iam')),
    loadBalancing: connectFake(
      new ElasticLoadBalancingV2Client(base),
      accounts.loadBalancing,
      around('elasticloadbalancing'),
    ),
    restApis: connectFake(new APIGatewayClient(base), accounts.restApis, around('apigateway')),
    kms: connectFake(new KMSClient(base), accounts.kms, around('kms')),
    route53: connectFake(new Route53Client(base), accounts.route53, around('route53')),
    s3: connectFake(new S3Client(base), accounts.s3, around('s3')),
    scheduler: connectFake(new SchedulerClient(base), accounts.scheduler, around('scheduler')),
    secretsManager: connectFake(new SecretsManagerClient(base), accounts.secrets, around('secretsmanager')),
    sfn: connectFake(new SFNClient(base), accounts.sfn, around('sfn')),
    sns: connectFake(new SNSClient(base), accounts.sns, around('sns')),
    sqs: connectFake(new SQSClient(base), accounts.sqs, around('sqs')),
    ssm: connectFake(new SSMClient(base), accounts.ssm, around('ssm')),
    destroy: () => dynamoDb.destroy(),
  };
}
