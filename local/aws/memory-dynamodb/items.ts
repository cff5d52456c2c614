import type { IndexSchema, KeySchema, TableSchema } from './schema.ts';
import { type Attributes, order } from './values.ts';

/** When a write is seen in the indexes. */
export type IndexLag = { readonly now: () => number; readonly lagMs: () => number };

type Entry = { readonly seenFrom: number; readonly id: string; readonly item: Attributes | undefined };

/** The items of one table, and what its indexes show of them, later than the table itself where they lag. */
export class Items {
  readonly #schema: TableSchema;
  readonly #lag: IndexLag;
  readonly #partitions = new Map<string, Map<string, Attributes>>();
  readonly #shown = new Map<IndexSchema, Map<string, Map<string, Attributes>>>();
  readonly #pending: Entry[] = [];

  constructor(schema: TableSchema, lag: IndexLag) {
    this.#schema = schema;
    this.#lag = lag;
    for (const index of schema.indexes) this.#shown.set(index, new Map());
  }

  get(key: Attributes): Attributes | undefined {
    const { hash, range } = this.#schema.key;
    return this.#partitions.get(part(key, hash))?.get(part(key, range));
  }

  put(item: Attributes): void {
    const { hash, range } = this.#schema.key;
    const partition = this.#partitions.get(part(item, hash)) ?? new Map<string, Attributes>();
    this.#partitions.set(part(item, hash), partition.set(part(item, range), item));
    this.#later(item, item);
  }

  delete(key: Attributes): void {
    const { hash, range } = this.#schema.key;
    this.#partitions.get(part(key, hash))?.delete(part(key, range));
    this.#later(key, undefined);
  }

  /** One partition of the table in the order of its range key. */
  partition(hash: string): readonly Attributes[] {
    return sorted([...(this.#partitions.get(hash)?.values() ?? [])], [this.#schema.key.range]);
  }

  /** One partition of an index in the order of its range key. */
  indexed(index: IndexSchema, hash: string): readonly Attributes[] {
    this.#catchUp();
    const { key } = this.#schema;
    return sorted([...(this.#shown.get(index)?.get(hash)?.values() ?? [])], [index.range, key.hash, key.range]);
  }

  all(): readonly Attributes[] {
    return [...this.#partitions.values()].flatMap((partition) =>
      sorted([...partition.values()], [this.#schema.key.range]),
    );
  }

  #later(key: Attributes, item: Attributes | undefined): void {
    if (this.#schema.indexes.length === 0) return;
    const id = idOf(this.#schema.key, key);
    const latest = this.#pending.at(-1)?.seenFrom ?? Number.NEGATIVE_INFINITY;
    this.#pending.push({ seenFrom: Math.max(latest, this.#lag.now() + this.#lag.lagMs()), id, item });
  }

  #catchUp(): void {
    const now = this.#lag.now();
    const ripe = this.#pending.findIndex(({ seenFrom }) => seenFrom > now);
    for (const entry of this.#pending.splice(0, ripe < 0 ? this.#pending.length : ripe)) this.#show(entry);
  }

  #show({ id, item }: Entry): void {
    for (const [index, partitions] of this.#shown) {
      for (const partition of partitions.values()) partition.delete(id);
      if (item?.[index.hash] === undefined || item[index.range] === undefined) continue;
      const hash = part(item, index.hash);
      const partition = partitions.get(hash) ?? new Map<string, Attributes>();
      partitions.set(hash, partition.set(id, projected(item, index)));
    }
  }
}

function projected(item: Attributes, { projected: names }: IndexSchema): Attributes {
  return Object.fromEntries(Object.entries(item).filter(([name]) => names.has(name)));
}

/** A key attribute's value as text. */
export function part(item: Attributes, name: string): string {
  const value = item[name];
  return value === undefined ? '' : String(Object.values(value)[0]);
}

/** What tells an item from all others of its table. */
export function idOf({ hash, range }: KeySchema, item: Attributes): string {
  return JSON.stringify([part(item, hash), part(item, range)]);
}

function sorted(items: Attributes[], names: readonly string[]): readonly Attributes[] {
  return items.sort((one, other) => {
    for (const name of names) {
      const [mine, theirs] = [one[name], other[name]];
      const by = mine === undefined || theirs === undefined ? 0 : (order(mine, theirs) ?? 0);
      if (by !== 0) return by;
    }
    return 0;
  });
}
