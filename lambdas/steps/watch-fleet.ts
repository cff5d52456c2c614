import type { Recorded } from '../core/findings.ts';
import { inParallel } from '../core/in-parallel.ts';
import type { WatchList } from '../core/watch-list.ts';
import { readRecorded } from '../store/recorded.ts';
import type { Table } from '../store/table.ts';

/** Questions to the table at the same time: five thousand certificates take a few seconds. */
const PARALLEL = 50;

/** What the table says of all that is watched, or why it cannot be read. */
export type Fleet = ReadonlyMap<string, Recorded> | { readonly unreadable: string };

/** Reads what the table has of each certificate, whoever has written it. */
export async function readFleet(table: Table, { certificates }: WatchList, now: number): Promise<Fleet> {
  try {
    const rows = await inParallel(
      certificates,
      PARALLEL,
      async ({ name }) => [name, await readRecorded(table, name, now)] as const,
    );
    return new Map(rows);
  } catch (error) {
    return { unreadable: error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error) };
  }
}

/** What the table says of one; undefined where it cannot be read. */
export function recordedOf(fleet: Fleet, name: string): Recorded | undefined {
  return 'unreadable' in fleet ? undefined : (fleet.get(name) ?? { targets: [] });
}
