import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { AttemptEntry, AttemptOutcome, AttemptRow } from '../core/attempt-rows.ts';
import { ATTEMPT_LIFE_MS, ATTEMPT_PREFIX, attemptKey, MOST_ENTRIES } from '../core/attempt-rows.ts';
import { certificateKey, ROW_SCHEMA } from '../core/rows.ts';
import type { Item, Table } from './table.ts';

/** What an invocation adds to an attempt. */
export type AttemptNews = {
  readonly certificate: string;
  readonly attempt: string;
  readonly execution: string;
  readonly outcome: AttemptOutcome;
  readonly entries: readonly AttemptEntry[];
  /** Milliseconds since the epoch. */
  readonly now: number;
};

/**
 * Adds to an attempt's row, or begins it: one write, and one more where the row is full. Throws the SDK's errors; who calls
 * must go on without it.
 */
export async function appendAttempt(table: Table, news: AttemptNews): Promise<void> {
  try {
    await write(table, news, 'append');
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
    await write(table, news, 'drop');
  }
}

const HEAD =
  'SET #schema = :schema, certificate = :certificate, #role = :role, attempt = :attempt, execution = :execution, ' +
  'outcome = :outcome, lastAt = :now, startedAt = if_not_exists(startedAt, :now), #ttl = :ttl';

async function write(table: Table, news: AttemptNews, how: 'append' | 'drop'): Promise<void> {
  const { certificate, attempt, execution, outcome, entries, now } = news;
  const values = {
    ':schema': ROW_SCHEMA,
    ':certificate': certificate,
    ':role': 'current',
    ':attempt': attempt,
    ':execution': execution,
    ':outcome': outcome,
    ':now': now,
    ':ttl': Math.ceil((now + ATTEMPT_LIFE_MS) / 1000),
  };
  const names = { '#schema': 'schema', '#role': 'role', '#ttl': 'ttl' };
  const append = {
    UpdateExpression: `${HEAD}, entries = list_append(if_not_exists(entries, :none), :entries), held = if_not_exists(held, :zero) + :count`,
    ConditionExpression: 'attribute_not_exists(held) OR held < :most',
    ExpressionAttributeValues: {
      ...values,
      ':none': [],
      ':entries': entries,
      ':zero': 0,
      ':count': entries.length,
      ':most': MOST_ENTRIES,
    },
  };
  const drop = {
    UpdateExpression: `${HEAD}, dropped = if_not_exists(dropped, :zero) + :count`,
    ExpressionAttributeValues: { ...values, ':zero': 0, ':count': entries.length },
  };
  await table.client.send(
    new UpdateCommand({
      TableName: table.name,
      Key: attemptKey(certificate, attempt),
      ExpressionAttributeNames: names,
      ...(how === 'append' ? append : drop),
    }),
  );
}

/** The attempts of a certificate, the newest first, at most `limit`. Rows that this version cannot read are left out. */
export async function listAttempts(table: Table, certificate: string, limit: number): Promise<readonly AttemptRow[]> {
  const page = await table.client.send(
    new QueryCommand({
      TableName: table.name,
      KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
      ExpressionAttributeValues: { ':pk': certificateKey(certificate).pk, ':prefix': ATTEMPT_PREFIX },
      ScanIndexForward: false,
      Limit: limit,
    }),
  );
  return (page.Items ?? []).filter(isAttempt);
}

function isAttempt(item: Item): item is Item & AttemptRow {
  return item.schema === ROW_SCHEMA && typeof item.attempt === 'string' && Array.isArray(item.entries);
}
