import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import type { SNSClient } from '@aws-sdk/client-sns';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { createAlerts } from '../alerts/alerts.ts';
import type { Log } from '../core/log.ts';
import type { Clock } from '../core/ports.ts';
import type { BasePorts } from '../steps/ports.ts';
import type { Table } from '../store/table.ts';

/** Time, chance and the clients of every step. */
export type BaseParts = {
  readonly clock: Clock;
  readonly log: Log;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  readonly newId: () => string;
  readonly dynamoDb: DynamoDBClient;
  readonly tableName: string;
  readonly sns: SNSClient;
  readonly topicArn: string;
  readonly eventBridge: EventBridgeClient;
};

/** What every step has, but for the end of its invocation. */
export type Undated<Ports extends BasePorts> = Omit<Ports, 'deadline'>;

/** The table behind a client. */
export function tablePort(client: DynamoDBClient, name: string, log?: Log): Table {
  const documents = DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } });
  return { client: documents, name, ...(log === undefined ? {} : { log }) };
}

/** Builds what every step has. */
export function buildBasePorts(parts: BaseParts): Undated<BasePorts> {
  const { clock, log, random, newId, sns, eventBridge, topicArn } = parts;
  return {
    clock,
    log,
    random,
    newId,
    table: tablePort(parts.dynamoDb, parts.tableName, log),
    alerts: createAlerts({ sns, eventBridge, topicArn }),
  };
}
