import { randomUUID } from 'node:crypto';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { SNSClient } from '@aws-sdk/client-sns';
import type { Context } from 'aws-lambda';
import type { Clock } from '../core/ports.ts';
import type { BaseParts } from './base-ports.ts';
import { systemClock } from './clock.ts';
import { requireEnv } from './environment.ts';
import { lambdaLog } from './lambda-log.ts';

/** What every Lambda is built from; its clients keep their connections from one invocation to the next. */
export function lambdaParts(): BaseParts {
  return {
    clock: systemClock,
    log: lambdaLog(),
    random: Math.random,
    newId: () => randomUUID(),
    dynamoDb: new DynamoDBClient({}),
    tableName: requireEnv('TABLE_NAME'),
    sns: new SNSClient({}),
    topicArn: requireEnv('TOPIC_ARN'),
    eventBridge: new EventBridgeClient({}),
  };
}

/** Ports for one invocation: they end with it. */
export function withDeadline<Ports extends { readonly clock: Clock }>(
  ports: Ports,
  context: Context,
): Ports & { readonly deadline: number } {
  return { ...ports, deadline: ports.clock.now() + context.getRemainingTimeInMillis() };
}
