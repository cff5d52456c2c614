import type { Recorded } from '../core/findings.ts';
import { certificateKey } from '../core/rows.ts';
import { parseRole, parseTarget, readableRows } from './parse.ts';
import { queryAll, type Table } from './table.ts';

/**
 * Role and targets of a certificate by one eventually consistent query: sort keys from `ROLE#` to `TARGET#`, which leaves out
 * attempts and versions. Cheap enough to be asked of thousands every hour.
 */
export async function readRecorded(table: Table, name: string): Promise<Recorded> {
  const { pk } = certificateKey(name);
  const input = {
    KeyConditionExpression: 'pk = :pk AND sk BETWEEN :role AND :target',
    ExpressionAttributeValues: { ':pk': pk, ':role': 'ROLE#', ':target': 'TARGET#\uffff' },
  };
  const items = await queryAll(table, input, `Querying ${pk}`);
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
