import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import type { SNSClient } from '@aws-sdk/client-sns';
import { createAlerts } from '../alerts/alerts.ts';
import { listSubscriptions } from '../alerts/subscriptions.ts';
import type { Log } from '../core/log.ts';
import type { Clock, FleetMetrics, Handshakes, RevocationLists } from '../core/ports.ts';
import type { WatchList } from '../core/watch-list.ts';
import type { WatchPorts } from '../steps/ports.ts';
import type { Table } from '../store/table.ts';
import { tablePort } from './base-ports.ts';

/** What the watch is built from. */
export type WatchParts = {
  readonly clock: Clock;
  readonly log: Log;
  readonly dynamoDb: DynamoDBClient;
  readonly tableName: string;
  readonly watchTable: Table;
  readonly sns: SNSClient;
  readonly topicArn: string;
  readonly eventBridge: EventBridgeClient;
  readonly readList: () => Promise<WatchList>;
  readonly handshakes: Handshakes;
  readonly revocations: RevocationLists;
  readonly metrics: FleetMetrics;
};

/** Builds the ports of the watch. */
export function buildWatchPorts(parts: WatchParts): WatchPorts {
  const { clock, log, dynamoDb, sns, eventBridge, topicArn, readList, handshakes, revocations, metrics } = parts;
  return {
    clock,
    log,
    readList,
    handshakes,
    revocations,
    metrics,
    table: tablePort(dynamoDb, parts.tableName, log),
    watchTable: parts.watchTable,
    alerts: createAlerts({ sns, eventBridge, topicArn }),
    listSubscriptions: () => listSubscriptions(sns, topicArn),
  };
}
