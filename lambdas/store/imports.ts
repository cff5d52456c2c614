import { IMPORTS_PARTITION, importsKey, type MonthlyImports } from '../core/acm-imports.ts';
import { ROW_SCHEMA } from '../core/rows.ts';
import { absent, present } from './condition.ts';
import { plus, queryItems, type Table, updateItem } from './table.ts';

/** A month counts for a year and is kept a little longer. Milliseconds. */
const KEPT_MS = 430 * 86_400_000;

/** Counts one import into ACM. A count that is lost by a crash costs nothing: the alarm comes a fifth before the quota. */
export async function countImport(table: Table, place: string, now: number): Promise<void> {
  const key = importsKey(place, now);
  if (await updateItem(table, key, { imports: plus('imports', 1) }, present('imports'))) return;
  const first = { imports: 1, schema: ROW_SCHEMA, ttl: Math.ceil((now + KEPT_MS) / 1000) };
  await updateItem(table, key, first, absent('imports'));
}

/** All that is counted. */
export async function listImports(table: Table): Promise<readonly MonthlyImports[]> {
  const items = await queryItems(table, IMPORTS_PARTITION, 'ACM#');
  return items.map(({ sk, imports }) => {
    const [, place = '', month = ''] = String(sk).split('#');
    return { place, month, imports: Number(imports) };
  });
}
