import { expectFields } from '../strict-input.ts';
import { type Attributes, invalid } from './values.ts';

/** Two attributes by which items are found: exactly one item of a table, any number of an index. */
export type KeySchema = { readonly hash: string; readonly range: string };

/** An index, and which attributes besides the keys are seen in it. */
export type IndexSchema = KeySchema & { readonly name: string; readonly projected: ReadonlySet<string> };

export type TableSchema = {
  readonly name: string;
  readonly key: KeySchema;
  readonly indexes: readonly IndexSchema[];
  /** Types of all key attributes. */
  readonly types: Readonly<Record<string, 'S' | 'N'>>;
};

type KeyElement = { readonly AttributeName: string; readonly KeyType: 'HASH' | 'RANGE' };
type IndexInput = {
  readonly IndexName: string;
  readonly KeySchema: readonly KeyElement[];
  readonly Projection: { readonly ProjectionType: string; readonly NonKeyAttributes?: readonly string[] };
};
/** Input of CreateTable, as far as it is known here. */
export type CreateTable = {
  readonly TableName: string;
  readonly BillingMode: string;
  readonly AttributeDefinitions: readonly { readonly AttributeName: string; readonly AttributeType: 'S' | 'N' }[];
  readonly KeySchema: readonly KeyElement[];
  readonly GlobalSecondaryIndexes?: readonly IndexInput[];
};

/** Reads a table's definition: hash and range key everywhere, indexes that include attributes by name. */
export function schemaOf(input: object): TableSchema {
  const fields = ['TableName', 'BillingMode', 'AttributeDefinitions', 'KeySchema', 'GlobalSecondaryIndexes'] as const;
  const table = expectFields<CreateTable>(input, fields);
  const key = keyOf(table.KeySchema);
  return {
    name: table.TableName,
    key,
    indexes: (table.GlobalSecondaryIndexes ?? []).map((index) => indexOf(index, key)),
    types: Object.fromEntries(table.AttributeDefinitions.map((each) => [each.AttributeName, each.AttributeType])),
  };
}

function keyOf(elements: readonly KeyElement[]): KeySchema {
  const named = (type: string) => elements.find(({ KeyType }) => KeyType === type)?.AttributeName;
  const [hash, range] = [named('HASH'), named('RANGE')];
  if (hash === undefined || range === undefined)
    throw new Error('This fake knows tables with hash and range key only.');
  return { hash, range };
}

function indexOf({ IndexName, KeySchema, Projection }: IndexInput, tableKey: KeySchema): IndexSchema {
  if (Projection.ProjectionType !== 'INCLUDE') throw new Error('This fake knows indexes that INCLUDE attributes only.');
  const key = keyOf(KeySchema);
  const keys = [key.hash, key.range, tableKey.hash, tableKey.range];
  return { name: IndexName, ...key, projected: new Set([...keys, ...(Projection.NonKeyAttributes ?? [])]) };
}

/** Throws a ValidationException for an item that the table or one of its indexes cannot take. */
export function checkKeys({ key, indexes, types }: TableSchema, item: Attributes): void {
  for (const name of [key.hash, key.range]) {
    const value = item[name];
    if (value === undefined) throw invalid(`One of the required keys was not given a value: ${name}`);
    checkType(types, name, item);
    if ('S' in value && value.S === '')
      throw invalid(`The AttributeValue for a key attribute cannot contain an empty string value. Key: ${name}`);
  }
  for (const { hash, range } of indexes) for (const name of [hash, range]) checkType(types, name, item);
}

function checkType(types: TableSchema['types'], name: string, item: Attributes): void {
  const value = item[name];
  const expected = types[name] ?? '';
  if (value === undefined || expected in value) return;
  throw invalid(`Type mismatch for key ${name} expected: ${expected} actual: ${Object.keys(value).join()}`);
}
