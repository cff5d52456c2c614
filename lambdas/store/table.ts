import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import type { DynamoDBDocumentClient, QueryCommandInput } from '@aws-sdk/lib-dynamodb';
import { GetCommand, PutCommand, QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { awsFailure } from '../core/aws-failure.ts';
import type { Log } from '../core/log.ts';
import type { RowKey } from '../core/rows.ts';
import type { Binder, Condition } from './condition.ts';
import { absent, createBinder } from './condition.ts';

/** The one table. The client must remove undefined values when it marshals. */
export type Table = {
  readonly client: DynamoDBDocumentClient;
  readonly name: string;
  /** Where rows that cannot be read are told; nowhere without it. */
  readonly log?: Log;
};

/** An item as DynamoDB returns it, not yet known to be a row of ours. */
export type Item = Readonly<Record<string, unknown>>;

/** Attributes to set; `undefined` removes one. A path inside a map is written as `map\nkey`. */
export type Changes = Readonly<Record<string, unknown>>;

/** A value that the table itself works out from the item as it was before the write. */
export class Computed {
  readonly build: (bind: Binder) => string;

  constructor(build: (bind: Binder) => string) {
    this.build = build;
  }
}

/** A number attribute and so much more; the attribute must be there. */
export const plus = (attribute: string, amount: number): Computed =>
  new Computed((bind) => `${bind.name(attribute)} + ${bind.value(amount)}`);

/** A strongly consistent read of one item. Throws a StepFailure when the table cannot be read. */
export async function getItem(table: Table, key: RowKey): Promise<Item | undefined> {
  const answer = await told('Reading', key, () =>
    table.client.send(new GetCommand({ TableName: table.name, Key: { pk: key.pk, sk: key.sk }, ConsistentRead: true })),
  );
  return answer.Item;
}

/** Every item of a partition whose sort key begins with `prefix`, strongly consistent, all pages. */
export async function queryItems(table: Table, pk: string, prefix: string): Promise<readonly Item[]> {
  const input = {
    KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
    ExpressionAttributeValues: { ':pk': pk, ':prefix': prefix },
    ConsistentRead: true,
  };
  return queryAll(table, input, `Querying ${pk} ${prefix}`);
}

/** Every item that a query finds, all pages. `doing` begins the message of a failure. Throws a StepFailure. */
export async function queryAll(
  table: Table,
  input: Omit<QueryCommandInput, 'TableName' | 'ExclusiveStartKey'>,
  doing: string,
): Promise<readonly Item[]> {
  const items: Item[] = [];
  let start: Record<string, unknown> | undefined;
  do {
    const command = new QueryCommand({ ...input, TableName: table.name, ExclusiveStartKey: start });
    try {
      const page = await table.client.send(command);
      items.push(...(page.Items ?? []));
      start = page.LastEvaluatedKey;
    } catch (error) {
      throw awsFailure(error, doing);
    }
  } while (start !== undefined);
  return items;
}

/** Writes an item unless there is one already; whether it was written. */
export async function putIfAbsent(table: Table, item: Item & RowKey): Promise<boolean> {
  const { binder, bindings } = createBinder();
  const condition = absent('pk')(binder);
  return succeeded(item, () =>
    table.client.send(
      new PutCommand({
        TableName: table.name,
        Item: item,
        ConditionExpression: condition,
        ExpressionAttributeNames: bindings.names,
      }),
    ),
  );
}

/**
 * One conditional update. The whole item as this write left it (ALL_NEW), or undefined when the condition did not hold.
 * Throws a StepFailure when the outcome is unknown.
 */
export async function updateItem(
  table: Table,
  key: RowKey,
  changes: Changes,
  condition: Condition,
): Promise<Item | undefined> {
  const { binder, bindings } = createBinder();
  const sets: string[] = [];
  const removes: string[] = [];
  for (const [attribute, value] of Object.entries(changes)) {
    if (value === undefined) removes.push(binder.name(attribute));
    else
      sets.push(`${binder.name(attribute)} = ${value instanceof Computed ? value.build(binder) : binder.value(value)}`);
  }
  const update = [
    sets.length > 0 ? `SET ${sets.join(', ')}` : '',
    removes.length > 0 ? `REMOVE ${removes.join(', ')}` : '',
  ];
  const conditionText = condition(binder);
  const command = new UpdateCommand({
    TableName: table.name,
    Key: { pk: key.pk, sk: key.sk },
    UpdateExpression: update.join(' ').trim(),
    ConditionExpression: conditionText,
    ExpressionAttributeNames: bindings.names,
    ...(Object.keys(bindings.values).length > 0 ? { ExpressionAttributeValues: bindings.values } : {}),
    ReturnValues: 'ALL_NEW',
  });
  const answer = await unlessRefused(key, () => table.client.send(command));
  return answer?.Attributes;
}

async function succeeded(key: RowKey, write: () => Promise<unknown>): Promise<boolean> {
  return (await unlessRefused(key, write)) !== undefined;
}

async function unlessRefused<T>(key: RowKey, write: () => Promise<T>): Promise<T | undefined> {
  try {
    return await write();
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return undefined;
    throw awsFailure(error, `Writing ${key.pk} ${key.sk}`);
  }
}

async function told<T>(doing: string, key: RowKey, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw awsFailure(error, `${doing} ${key.pk} ${key.sk}`);
  }
}
