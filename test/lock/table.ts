import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { tablePort } from '../../lambdas/ports/base-ports.ts';
import type { Table } from '../../lambdas/store/table.ts';
import { TABLE_DEFINITION } from '../../local/aws/dynamodb.ts';
import { MemoryDynamoDb, memoryClientSettings, type Written } from '../../local/aws/memory-dynamodb/memory-dynamodb.ts';
import { retriesWithoutDelay } from '../../local/aws/retries.ts';
import { Calls } from '../../local/embedded/calls.ts';
import { observeDynamo } from '../../local/embedded/observe.ts';

/** A table in memory, the calls made to it, and every write. */
export type Desk = { readonly table: Table; readonly calls: Calls };

export async function openDesk(onWrite?: (written: Written) => void): Promise<Desk> {
  const dynamo = new MemoryDynamoDb(onWrite === undefined ? {} : { onWrite });
  await dynamo.call('CreateTable', { ...TABLE_DEFINITION, TableName: 'perennial' });
  const calls = new Calls();
  const settings = { ...memoryClientSettings(dynamo), retryStrategy: retriesWithoutDelay() };
  return { table: tablePort(observeDynamo(new DynamoDBClient(settings), calls), 'perennial'), calls };
}

/** The fence that a write left. */
export function fenceOf(item: Written['after']): number | undefined {
  const fence = item?.fence;
  return fence !== undefined && 'N' in fence ? Number(fence.N) : undefined;
}
