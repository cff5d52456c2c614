import { ScanCommand } from '@aws-sdk/lib-dynamodb';
import type { Table } from '../../lambdas/store/table.ts';

/** Every row as it is stored. */
export async function allItems({ client, name }: Table): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const { Items = [], LastEvaluatedKey } = await client.send(new ScanCommand({ TableName: name }));
  if (LastEvaluatedKey !== undefined) throw new Error('the table has more than a page of rows');
  return Items;
}
