import type { QueryCommandOutput } from '@aws-sdk/lib-dynamodb';
import { QueryCommand } from '@aws-sdk/lib-dynamodb';
import { awsFailure } from '../core/aws-failure.ts';
import type { RowKey } from '../core/rows.ts';
import { DUE_INDEX, DUE_SHARDS } from '../core/rows.ts';
import type { Table } from './table.ts';

/** What the index tells of a due row; it lags, so the row is read again before it is claimed. */
export type DueEntry = RowKey & {
  readonly dueAt: number;
  readonly kind: string;
  readonly tries: number;
  /** The earliest end of what the row keeps alive; absent while nothing is served. */
  readonly endsAt?: number;
};

/** Rows whose `dueAt` has passed, at most `limit` a shard, the longest due first. */
export async function listDue(table: Table, now: number, limit: number): Promise<readonly DueEntry[]> {
  const shards = await Promise.all(DUE_SHARDS.map((shard) => listShard(table, shard, now, limit)));
  return shards.flat();
}

/**
 * As {@link listDue}, of one shard; a few more than `limit` where a page was filtered. A row whose run is in flight may be due
 * again already; it must not take the place of one that can be started.
 */
export async function listShard(table: Table, shard: string, now: number, limit: number): Promise<readonly DueEntry[]> {
  const found: DueEntry[] = [];
  let start: Record<string, unknown> | undefined;
  do {
    const page = await queryPage(table, shard, now, limit, start);
    found.push(...(page.Items ?? []).map(readEntry));
    start = page.LastEvaluatedKey;
  } while (start !== undefined && found.length < limit);
  return found;
}

async function queryPage(
  table: Table,
  shard: string,
  now: number,
  limit: number,
  start: Record<string, unknown> | undefined,
): Promise<QueryCommandOutput> {
  const command = new QueryCommand({
    TableName: table.name,
    IndexName: DUE_INDEX,
    KeyConditionExpression: 'dueShard = :shard AND dueAt <= :now',
    FilterExpression: 'attribute_not_exists(runUntil) OR runUntil <= :now',
    ExpressionAttributeValues: { ':shard': shard, ':now': now },
    Limit: limit,
    ExclusiveStartKey: start,
  });
  try {
    return await table.client.send(command);
  } catch (error) {
    throw awsFailure(error, `Querying the due index, shard ${shard}`);
  }
}

function readEntry(item: Record<string, unknown>): DueEntry {
  return {
    pk: String(item.pk),
    sk: String(item.sk),
    dueAt: Number(item.dueAt),
    kind: String(item.kind),
    tries: typeof item.tries === 'number' ? item.tries : 0,
    ...(typeof item.endsAt === 'number' ? { endsAt: item.endsAt } : {}),
  };
}
