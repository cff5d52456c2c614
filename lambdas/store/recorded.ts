import { QueryCommand } from '@aws-sdk/lib-dynamodb';
import { awsFailure } from '../core/aws-failure.ts';
import type { Recorded } from '../core/findings.ts';
import { certificateKey } from '../core/rows.ts';
import { parseRole, parseTarget, readableRows } from './parse.ts';
import type { Item, Table } from './table.ts';

/**
 * Role and targets of a certificate by one eventually consistent query: sort keys from `ROLE#` to `TARGET#`, which leaves out
 * attempts and versions. Cheap enough to be asked of thousands every hour.
 */
export async function readRecorded(table: Table, name: string): Promise<Recorded> {
  const items = await itemsBetween(table, certificateKey(name).pk);
  const [role] = readableRows(
    table,
    items.filter(({ sk }) => sk === 'ROLE#current'),
    parseRole,
  );
  const targets = readableRows(
    table,
    items.filter(({ sk }) => String(sk).startsWith('TARGET#')),
    parseTarget,
  );
  return { ...(role !== undefined && { role }), targets };
}

async function itemsBetween(table: Table, pk: string): Promise<readonly Item[]> {
  const items: Item[] = [];
  let start: Record<string, unknown> | undefined;
  do {
    const command = new QueryCommand({
      TableName: table.name,
      KeyConditionExpression: 'pk = :pk AND sk BETWEEN :role AND :target',
      ExpressionAttributeValues: { ':pk': pk, ':role': 'ROLE#', ':target': 'TARGET#\uffff' },
      ExclusiveStartKey: start,
    });
    try {
      const page = await table.client.send(command);
      items.push(...(page.Items ?? []));
      start = page.LastEvaluatedKey;
    } catch (error) {
      throw awsFailure(error, `Querying ${pk}`);
    }
  } while (start !== undefined);
  return items;
}
