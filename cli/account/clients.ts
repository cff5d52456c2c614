import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { SchedulerClient } from '@aws-sdk/client-scheduler';
import { SFNClient } from '@aws-sdk/client-sfn';
import { SNSClient } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';

/** What the commands ask. */
export type Clients = {
  readonly cloudFormation: CloudFormationClient;
  readonly cloudWatch: CloudWatchClient;
  readonly dynamoDb: DynamoDBClient;
  readonly eventBridge: EventBridgeClient;
  readonly scheduler: SchedulerClient;
  readonly sfn: SFNClient;
  readonly sns: SNSClient;
  readonly sqs: SQSClient;
};

/** Which account, as a person names it. */
export type AccountChoice = {
  readonly profile?: string;
  readonly region?: string;
  /** URL of a local account. */
  readonly local?: string;
};

/** Where `npm run local` listens unless told otherwise. */
export const LOCAL_ENDPOINT = 'http://127.0.0.1:7417';

/** A local account knows one region and asks for no credentials, but the SDK signs by some. */
const LOCAL = { region: 'us-east-1', credentials: { accessKeyId: 'local', secretAccessKey: 'local' } };

/** Clients by the SDK's usual chain of profiles, regions and credentials; nothing is asked yet. */
export function createClients({ profile, region, local }: AccountChoice): Clients {
  const chosen =
    local === undefined
      ? { ...(profile !== undefined && { profile }), ...(region !== undefined && { region }) }
      : { ...LOCAL, endpoint: local };
  return {
    cloudFormation: new CloudFormationClient(chosen),
    cloudWatch: new CloudWatchClient(chosen),
    dynamoDb: new DynamoDBClient(chosen),
    eventBridge: new EventBridgeClient(chosen),
    scheduler: new SchedulerClient(chosen),
    sfn: new SFNClient(chosen),
    sns: new SNSClient(chosen),
    sqs: new SQSClient(chosen),
  };
}
