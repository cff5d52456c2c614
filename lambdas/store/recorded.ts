import { ariKey } from '../core/ari-rows.ts';
import type { Recorded } from '../core/findings.ts';
import { certificateKey } from '../core/rows.ts';
import { parseAri, parseRole, parseTarget, readableRows } from './parse.ts';
import { getItem, queryAll, type Table } from './table.ts';

/**
 * Role and targets of a certificate by one eventually consistent query: sort keys from `ROLE#` to `TARGET#`, which leaves out
 * attempts and versions. Cheap enough to be asked of thousands every hour. What the CA suggests is read besides only where a
 * renewal is due: what is over has made it so.
 */
export async function readRecorded(table: Table, name: string, now: number): Promise<Recorded> {
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
  const suggested = role?.dueAt !== undefined && role.dueAt <= now ? await getItem(table, ariKey(name)) : undefined;
  const [ari] = readableRows(table, suggested === undefined ? [] : [suggested], parseAri);
  return { ...(role !== undefined && { role }), targets, ...(ari !== undefined && { ari }) };
}
