import { QueryCommand } from '@aws-sdk/lib-dynamodb';
import { DUE_INDEX, DUE_SHARDS } from '../../lambdas/core/rows.ts';
import type { Table } from '../../lambdas/store/table.ts';

/**
 * When the first row of the due index can be started, milliseconds since the epoch; infinity when none ever can. A row that is
 * due while its run is in flight, or was claimed by a sweep that died, can be started when that run must be over.
 */
export async function nextDueAt(table: Table): Promise<number> {
  const first = await Promise.all(DUE_SHARDS.map((shard) => firstOf(table, shard)));
  return Math.min(...first);
}

async function firstOf(table: Table, shard: string): Promise<number> {
  const page = await table.client.send(
    new QueryCommand({
      TableName: table.name,
      IndexName: DUE_INDEX,
      KeyConditionExpression: 'dueShard = :shard',
      ExpressionAttributeValues: { ':shard': shard },
    }),
  );
  const instants = (page.Items ?? []).map(({ dueAt, runUntil }) => Math.max(Number(dueAt), Number(runUntil ?? 0)));
  return Math.min(Number.POSITIVE_INFINITY, ...instants);
}
