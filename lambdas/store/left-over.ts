import { DUE_INDEX, DUE_SHARDS, type RowKey } from '../core/rows.ts';
import { readSlot } from './slots.ts';
import { queryAll, type Table } from './table.ts';

/** Tries after which what a slot has left behind counts: the first ones are the usual course. */
const TRIES = 2;
/** A slot that is settled in vain comes again within a day. Milliseconds. */
const AHEAD_MS = 2 * 86_400_000;

/** TXT values that Settle has tried in vain to remove. */
export async function countLeftOverRecords(table: Table, now: number): Promise<number> {
  const keys = await Promise.all(DUE_SHARDS.map((shard) => failingSlots(table, shard, now + AHEAD_MS)));
  const slots = await Promise.all(keys.flat().map((key) => readSlot(table, key)));
  return slots.reduce((sum, slot) => sum + Object.keys(slot?.dns ?? {}).length, 0);
}

async function failingSlots(table: Table, shard: string, until: number): Promise<readonly RowKey[]> {
  const input = {
    IndexName: DUE_INDEX,
    KeyConditionExpression: 'dueShard = :shard AND dueAt <= :until',
    FilterExpression: 'kind = :settle AND tries >= :tries',
    ExpressionAttributeValues: { ':shard': shard, ':until': until, ':settle': 'settle', ':tries': TRIES },
  };
  const items = await queryAll(table, input, `Querying the due index, shard ${shard}`);
  return items.map(({ pk, sk }) => ({ pk: String(pk), sk: String(sk) }));
}
