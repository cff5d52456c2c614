import type { DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import type { HttpRequest, RequestSigner } from '@smithy/types';
import { AwsFault } from '../fault.ts';
import type { FakeAccount } from '../seam.ts';
import { expectFields } from '../strict-input.ts';
import { readCondition } from './condition.ts';
import { type IndexLag, Items } from './items.ts';
import { query, scan } from './query.ts';
import { checkKeys, schemaOf, type TableSchema } from './schema.ts';
import { Placeholders } from './tokens.ts';
import { readUpdate } from './update.ts';
import { type Attributes, checkValue, documentOf, invalid, sizeOf } from './values.ts';

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html: bytes, names included. */
const LARGEST_ITEM = 400 * 1024;

/** One item as it was and as it is; undefined where there was or is none. */
export type Written = { readonly before: Attributes | undefined; readonly after: Attributes | undefined };

export type MemoryDynamoOptions = {
  /** How much later than the table the indexes show a write. Default: at once. */
  readonly index?: IndexLag;
  /** Sees each write just after it was made. */
  readonly onWrite?: (written: Written) => void;
};

type Table = { readonly schema: TableSchema; readonly items: Items };

type WriteInput = {
  readonly TableName: string;
  readonly ConditionExpression?: string;
  readonly ExpressionAttributeNames?: Readonly<Record<string, string>>;
  readonly ExpressionAttributeValues?: Attributes;
};
const WRITE_FIELDS = [
  'TableName',
  'ConditionExpression',
  'ExpressionAttributeNames',
  'ExpressionAttributeValues',
] as const;

type UpdateInput = WriteInput & {
  readonly Key: Attributes;
  readonly UpdateExpression?: string;
  readonly ReturnValues?: string;
};

const AT_ONCE: IndexLag = { now: () => 0, lagMs: () => 0 };

/**
 * DynamoDB without sockets: the commands and expressions that the store uses, in this process and in one step each, so that the
 * same calls in the same order always do the same. What it does not know it throws at; what DynamoDB refuses it refuses.
 */
export class MemoryDynamoDb implements FakeAccount {
  readonly #options: MemoryDynamoOptions;
  readonly #tables = new Map<string, Table>();

  constructor(options: MemoryDynamoOptions = {}) {
    this.#options = options;
  }

  /** Answers one operation of the API. `input` is the request's JSON, the answer the response's. */
  async call(operation: string, input: Readonly<Record<string, unknown>>): Promise<object> {
    if (operation === 'CreateTable') return this.#create(input);
    const table = this.#tables.get(String(input.TableName));
    if (table === undefined) throw new AwsFault('ResourceNotFoundException', 'Requested resource not found');
    return this.#on(table, operation, input);
  }

  #create(input: object): object {
    const schema = schemaOf(input);
    if (this.#tables.has(schema.name))
      throw new AwsFault('ResourceInUseException', `Table already exists: ${schema.name}`);
    this.#tables.set(schema.name, { schema, items: new Items(schema, this.#options.index ?? AT_ONCE) });
    return { TableDescription: { TableName: schema.name, TableStatus: 'ACTIVE' } };
  }

  #on(table: Table, operation: string, input: object): object {
    switch (operation) {
      case 'GetItem':
        return getItem(table, input);
      case 'PutItem':
        return this.#put(table, input);
      case 'UpdateItem':
        return this.#update(table, input);
      case 'DeleteItem':
        return this.#delete(table, input);
      case 'Query':
        return query(table.schema, table.items, input);
      case 'Scan':
        return scan(table.schema, table.items, input);
      default:
        throw new Error(`MemoryDynamoDb does not know ${operation}; add it with its rules.`);
    }
  }

  #put(table: Table, input: object): object {
    const asked = expectFields<WriteInput & { Item: Attributes }>(input, [...WRITE_FIELDS, 'Item']);
    const before = table.items.get(asked.Item);
    const placeholders = conditionHolds(asked, before);
    placeholders.checkUse();
    this.#write(table, before, asked.Item);
    return {};
  }

  // https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateItem.html
  #update(table: Table, input: object): object {
    const fields = [...WRITE_FIELDS, 'Key', 'UpdateExpression', 'ReturnValues'] as const;
    const asked = expectFields<UpdateInput>(input, fields);
    checkKey(table, asked.Key);
    const placeholders = new Placeholders(asked.ExpressionAttributeNames, asked.ExpressionAttributeValues);
    const { hash, range } = table.schema.key;
    const update = readUpdate(asked.UpdateExpression ?? '', placeholders, [hash, range]);
    const before = table.items.get(asked.Key);
    checkCondition(asked, placeholders, before);
    const after = update(before ?? asked.Key);
    this.#write(table, before, after);
    if (asked.ReturnValues === 'ALL_NEW') return { Attributes: after };
    if ((asked.ReturnValues ?? 'NONE') === 'NONE') return {};
    throw new Error(`MemoryDynamoDb does not know ReturnValues ${asked.ReturnValues}; add it with its rules.`);
  }

  #delete(table: Table, input: object): object {
    const asked = expectFields<WriteInput & { Key: Attributes }>(input, [...WRITE_FIELDS, 'Key']);
    checkKey(table, asked.Key);
    const before = table.items.get(asked.Key);
    conditionHolds(asked, before).checkUse();
    table.items.delete(asked.Key);
    if (before !== undefined) this.#options.onWrite?.({ before, after: undefined });
    return {};
  }

  #write({ schema, items }: Table, before: Attributes | undefined, after: Attributes): void {
    Object.values(after).forEach(checkValue);
    checkKeys(schema, after);
    if (sizeOf(after) > LARGEST_ITEM) throw invalid('Item size has exceeded the maximum allowed size');
    items.put(after);
    this.#options.onWrite?.({ before, after });
  }
}

function getItem({ items, schema }: Table, input: object): object {
  type GetInput = { TableName: string; Key: Attributes; ConsistentRead?: boolean };
  const { Key } = expectFields<GetInput>(input, ['TableName', 'Key', 'ConsistentRead']);
  checkKey({ items, schema }, Key);
  const Item = items.get(Key);
  return Item === undefined ? {} : { Item };
}

function checkKey({ schema }: Table, key: Attributes): void {
  checkKeys(schema, key);
  if (Object.keys(key).length !== 2) throw invalid('The provided key element does not match the schema');
}

function conditionHolds(asked: WriteInput, before: Attributes | undefined): Placeholders {
  const placeholders = new Placeholders(asked.ExpressionAttributeNames, asked.ExpressionAttributeValues);
  checkCondition(asked, placeholders, before);
  return placeholders;
}

function checkCondition(
  { ConditionExpression }: WriteInput,
  placeholders: Placeholders,
  before: Attributes | undefined,
): void {
  const test = ConditionExpression === undefined ? undefined : readCondition(ConditionExpression, placeholders);
  placeholders.checkUse();
  if (test !== undefined && !test(before ?? {}))
    throw new AwsFault('ConditionalCheckFailedException', 'The conditional request failed');
}

/**
 * The table as it stands behind a document client's retries, in place of serializer, signature and wire, and of the document
 * client's own translation of answers, which comes after them: much faster. What is stored is a copy, as over the wire.
 */
export function memoryBehindDocuments(dynamo: MemoryDynamoDb): FakeAccount {
  return {
    call: async (operation, input) => documentsOf(await dynamo.call(operation, structuredClone(input))),
  };
}

function documentsOf(answer: object): object {
  const { Item, Attributes, Items, LastEvaluatedKey, ...others } = answer as Readonly<Record<string, Attributes>> & {
    readonly Items?: readonly Attributes[];
  };
  return {
    ...others,
    ...(Item && { Item: documentOf(Item) }),
    ...(Attributes && { Attributes: documentOf(Attributes) }),
    ...(Items && { Items: Items.map(documentOf) }),
    ...(LastEvaluatedKey && { LastEvaluatedKey: documentOf(LastEvaluatedKey) }),
  };
}

/** Nobody is there to check a signature, and making one costs more than the call. */
const UNSIGNED: RequestSigner = { sign: async (request) => request };

/** Settings of an AWS SDK v3 client that reaches this table: the client's own serializer, retries and exceptions stay in play. */
export function memoryClientSettings(dynamo: MemoryDynamoDb): DynamoDBClientConfig {
  return {
    region: 'eu-west-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    signer: UNSIGNED,
    requestHandler: { handle: (request: HttpRequest) => answer(dynamo, request) },
  };
}

async function answer(dynamo: MemoryDynamoDb, { headers, body }: HttpRequest) {
  const operation = headers['x-amz-target']?.replace('DynamoDB_20120810.', '') ?? '';
  try {
    return wire(200, await dynamo.call(operation, JSON.parse(textOf(body))));
  } catch (error) {
    if (!(error instanceof AwsFault)) throw error;
    return wire(error.status, { __type: `com.amazonaws.dynamodb.v20120810#${error.code}`, message: error.message });
  }
}

function textOf(body: unknown): string {
  return body instanceof Uint8Array ? new TextDecoder().decode(body) : String(body);
}

function wire(statusCode: number, content: object) {
  const headers = { 'content-type': 'application/x-amz-json-1.0', 'x-amzn-requestid': 'memory' };
  return { response: { statusCode, headers, body: Buffer.from(JSON.stringify(content)) } };
}
