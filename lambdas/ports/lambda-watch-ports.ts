import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { S3Client } from '@aws-sdk/client-s3';
import { SNSClient } from '@aws-sdk/client-sns';
import type { WatchPorts } from '../steps/ports.ts';
import { createHandshakes } from '../targets/handshakes.ts';
import { createRevocationLists } from '../targets/revocation-lists.ts';
import { tablePort } from './base-ports.ts';
import { systemClock } from './clock.ts';
import { requireEnv } from './environment.ts';
import { createFleetMetrics } from './fleet-metrics.ts';
import { fetchList } from './http-list.ts';
import { lambdaLog } from './lambda-log.ts';
import { watchAsset } from './watch-asset.ts';
import { buildWatchPorts } from './watch-ports.ts';

/** The ports of the watch, in its Lambda. */
export function lambdaWatchPorts(): WatchPorts {
  const dynamoDb = new DynamoDBClient({});
  const log = lambdaLog();
  return buildWatchPorts({
    clock: systemClock,
    log,
    dynamoDb,
    tableName: requireEnv('TABLE_NAME'),
    watchTable: tablePort(dynamoDb, requireEnv('WATCH_TABLE_NAME'), log),
    sns: new SNSClient({}),
    topicArn: requireEnv('TOPIC_ARN'),
    eventBridge: new EventBridgeClient({}),
    readList: watchAsset(new S3Client({}), requireEnv('WATCH_LIST_BUCKET'), requireEnv('WATCH_LIST_KEY')),
    handshakes: createHandshakes(),
    revocations: createRevocationLists({ fetchList, now: systemClock.now }),
    metrics: createFleetMetrics(requireEnv('STACK_NAME')),
  });
}
