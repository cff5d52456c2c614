import { createHash } from 'node:crypto';
import { expectFields } from '../strict-input.ts';
import { readCondition, readTest, type Test } from './condition.ts';
import { type Items, idOf, part } from './items.ts';
import type { IndexSchema, KeySchema, TableSchema } from './schema.ts';
import { Placeholders, Tokens } from './tokens.ts';
import { type Attributes, invalid, sizeOf } from './values.ts';

/** A page ends after so much, before any filter. Bytes. */
const PAGE = 1_048_576;

type Expressions = {
  readonly FilterExpression?: string;
  readonly ExpressionAttributeNames?: Readonly<Record<string, string>>;
  readonly ExpressionAttributeValues?: Attributes;
};

type PageInput = Expressions & {
  readonly TableName: string;
  readonly Limit?: number;
  readonly ExclusiveStartKey?: Attributes;
  readonly ConsistentRead?: boolean;
};

type ScanInput = PageInput & { readonly Segment?: number; readonly TotalSegments?: number };

type QueryInput = PageInput & {
  readonly KeyConditionExpression?: string;
  readonly IndexName?: string;
  readonly ScanIndexForward?: boolean;
};

const SCAN_FIELDS = [
  'TableName',
  'FilterExpression',
  'ExpressionAttributeNames',
  'ExpressionAttributeValues',
  'Limit',
  'ExclusiveStartKey',
  'ConsistentRead',
] as const;

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Query.html */
export function query(schema: TableSchema, items: Items, input: object): object {
  const asked = expectFields<QueryInput>(input, [
    ...SCAN_FIELDS,
    'KeyConditionExpression',
    'IndexName',
    'ScanIndexForward',
  ]);
  const index = indexOf(schema, asked);
  const placeholders = new Placeholders(asked.ExpressionAttributeNames, asked.ExpressionAttributeValues);
  const { hash, test } = readKeyCondition(asked.KeyConditionExpression ?? '', index ?? schema.key, placeholders);
  const filter = filterOf(asked, placeholders);
  const found = index === undefined ? items.partition(hash) : items.indexed(index, hash);
  const ordered = asked.ScanIndexForward === false ? found.toReversed() : found;
  return pageOf(schema, index, ordered.filter(test), filter, asked);
}

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Scan.html */
export function scan(schema: TableSchema, items: Items, input: object): object {
  const asked = expectFields<ScanInput>(input, [...SCAN_FIELDS, 'Segment', 'TotalSegments']);
  const placeholders = new Placeholders(asked.ExpressionAttributeNames, asked.ExpressionAttributeValues);
  const found = segmentOf(schema, items.all(), asked);
  return pageOf(schema, undefined, found, filterOf(asked, placeholders), asked);
}

/** A partition is in one segment, always the same. */
function segmentOf(
  { key }: TableSchema,
  all: readonly Attributes[],
  { Segment, TotalSegments }: ScanInput,
): readonly Attributes[] {
  if (Segment === undefined && TotalSegments === undefined) return all;
  if (Segment === undefined || TotalSegments === undefined)
    throw invalid('The TotalSegments parameter is required but was not present in the request when Segment is present');
  if (Segment < 0 || Segment >= TotalSegments)
    throw invalid(`The Segment parameter is zero-based and must be less than TotalSegments: ${Segment}`);
  return all.filter(
    (item) => createHash('sha256').update(part(item, key.hash)).digest().readUInt32BE() % TotalSegments === Segment,
  );
}

function indexOf({ indexes }: TableSchema, { IndexName, ConsistentRead }: QueryInput): IndexSchema | undefined {
  if (IndexName === undefined) return undefined;
  const index = indexes.find(({ name }) => name === IndexName);
  if (index === undefined) throw invalid(`The table does not have the specified index: ${IndexName}`);
  if (ConsistentRead === true) throw invalid('Consistent reads are not supported on global secondary indexes');
  return index;
}

/** The hash key equals a value, and perhaps one condition on the range key. */
function readKeyCondition(text: string, key: KeySchema, placeholders: Placeholders): { hash: string; test: Test } {
  const tokens = new Tokens(text, placeholders);
  if (tokens.path().join('.') !== key.hash) throw invalid(`Query condition missed key schema element: ${key.hash}`);
  tokens.expect('=');
  const hash = part({ hash: tokens.value() }, 'hash');
  if (tokens.isAtEnd) return { hash, test: () => true };
  tokens.expect('AND');
  const range = tokens.peek() === 'begins_with' ? tokens.peek(2) : tokens.peek();
  if (placeholders.name(range) !== key.range) throw invalid(`Query key condition not supported: ${range}`);
  const test = readTest(tokens);
  if (!tokens.isAtEnd) throw invalid('Conditions can be of length 1 or 2 only');
  return { hash, test };
}

function filterOf({ FilterExpression }: Expressions, placeholders: Placeholders): Test {
  const filter = FilterExpression === undefined ? () => true : readCondition(FilterExpression, placeholders);
  placeholders.checkUse();
  return filter;
}

/** Limit and the page's size count what was read, whatever the filter leaves of it. */
function pageOf(
  schema: TableSchema,
  index: IndexSchema | undefined,
  found: readonly Attributes[],
  filter: Test,
  { Limit = Number.POSITIVE_INFINITY, ExclusiveStartKey }: PageInput,
): object {
  if (Limit < 1) throw invalid('Limit must be at least 1');
  const after = ExclusiveStartKey === undefined ? 0 : placeAfter(schema, found, ExclusiveStartKey);
  const page: Attributes[] = [];
  let size = 0;
  for (const item of found.slice(after)) {
    if (page.length >= Limit || size >= PAGE) break;
    page.push(item);
    size += sizeOf(item);
  }
  const Items = page.filter(filter);
  const last = page.at(-1);
  const more = last !== undefined && (page.length >= Limit || after + page.length < found.length);
  const keys = more ? { LastEvaluatedKey: keysOf(schema, index, last) } : {};
  return { Items, Count: Items.length, ScannedCount: page.length, ...keys };
}

/** Items may have come and gone since the page before: the place is that of the key, whether it is still there or not. */
function placeAfter({ key }: TableSchema, found: readonly Attributes[], start: Attributes): number {
  const at = found.findIndex((item) => idOf(key, item) === idOf(key, start));
  if (at < 0) throw new Error('This table cannot go on from an item that has gone in between; add it with its rules.');
  return at + 1;
}

function keysOf({ key }: TableSchema, index: IndexSchema | undefined, item: Attributes): Attributes {
  const names = [key.hash, key.range, ...(index === undefined ? [] : [index.hash, index.range])];
  return Object.fromEntries(Object.entries(item).filter(([name]) => names.includes(name)));
}
