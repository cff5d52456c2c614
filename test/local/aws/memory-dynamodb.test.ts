import { beforeEach, describe, expect, it } from 'vitest';
import { TABLE_DEFINITION } from '../../../local/aws/dynamodb.ts';
import { MemoryDynamoDb } from '../../../local/aws/memory-dynamodb/memory-dynamodb.ts';

const KEY = { pk: { S: 'a' }, sk: { S: 'b' } };
const name = { TableName: 'perennial' };

let dynamo: MemoryDynamoDb;
let now = 0;
let lagMs = 0;

beforeEach(async () => {
  [now, lagMs] = [0, 0];
  dynamo = new MemoryDynamoDb({ index: { now: () => now, lagMs: () => lagMs } });
  await dynamo.call('CreateTable', { ...TABLE_DEFINITION, ...name });
});

const put = (fields: object) => dynamo.call('PutItem', { ...name, Item: { ...KEY, ...fields } });
const update = (expression: string, more: object = {}) =>
  dynamo.call('UpdateItem', { ...name, Key: KEY, UpdateExpression: expression, ...more });
const values = (fields: object) => ({ ExpressionAttributeValues: fields });

describe('the table in memory refuses what DynamoDB refuses:', () => {
  it.each<readonly [string, () => Promise<unknown>, RegExp]>([
    ['a reserved word', () => update('SET status = :v', values({ ':v': { S: 'x' } })), /reserved keyword.*status/],
    [
      'a value that no expression uses',
      () => update('REMOVE #a', { ExpressionAttributeNames: { '#a': 'a', '#b': 'b' } }),
      /unused.*#b/,
    ],
    ['a value that is not given', () => update('SET a1 = :v'), /not defined.*:v/],
    ['a change of the key', () => update('SET pk = :v', values({ ':v': { S: 'x' } })), /part of the key/],
    ['two paths of which one holds the other', () => update('REMOVE a1, a1.b1'), /overlap/],
    ['a path through what is not there', () => update('REMOVE a1.b1'), /path provided .* invalid/],
    ['an index key of another type', () => put({ dueAt: { S: 'soon' } }), /Type mismatch for key dueAt/],
    ['an item of more than 400 KB', () => put({ a1: { S: 'x'.repeat(410_000) } }), /Item size/],
    ['an empty key', () => dynamo.call('GetItem', { ...name, Key: { ...KEY, sk: { S: '' } } }), /empty string/],
    ['a key with more attributes', () => dynamo.call('GetItem', { ...name, Key: { ...KEY, a: { S: 'x' } } }), /schema/],
    ['a table that is not there', () => dynamo.call('GetItem', { TableName: 'other', Key: KEY }), /not found/],
    ['bad syntax', () => update('SET a1 = = :v', values({ ':v': { S: 'x' } })), /Syntax error/],
    [
      'a consistent read of an index',
      () =>
        dynamo.call('Query', {
          ...name,
          IndexName: 'due-index',
          ConsistentRead: true,
          KeyConditionExpression: 'dueShard = :s',
          ...values({ ':s': { S: 'due-0' } }),
        }),
      /Consistent reads are not supported/,
    ],
  ])('%s', async (_what, act, message) => {
    await expect(act()).rejects.toThrow(message);
    expect(await dynamo.call('GetItem', { ...name, Key: KEY })).toEqual({});
  });

  it('a failed condition, without the item', async () => {
    await put({});
    const failed = put({ a1: { S: 'x' } }).catch((error: unknown) => error);
    expect(await failed).toBeDefined();
    const refused = dynamo.call('PutItem', { ...name, Item: KEY, ConditionExpression: 'attribute_not_exists(pk)' });
    await expect(refused).rejects.toMatchObject({ code: 'ConditionalCheckFailedException', status: 400 });
  });

  it.each([
    ['an operation', () => dynamo.call('TransactWriteItems', name)],
    ['a field', () => dynamo.call('GetItem', { ...name, Key: KEY, ProjectionExpression: 'a' })],
    ['a clause', () => update('ADD a1 :v', values({ ':v': { N: '1' } }))],
  ])('and throws at %s that it does not know', async (_what, act) => {
    await expect(act()).rejects.toThrow(/know/);
  });
});

describe('the table in memory', () => {
  it('makes an item of an update that finds none, and answers it whole', async () => {
    const answer = await update('SET a1 = :v', { ...values({ ':v': { N: '1' } }), ReturnValues: 'ALL_NEW' });
    expect(answer).toEqual({ Attributes: { ...KEY, a1: { N: '1' } } });
  });

  it('compares nothing with what is not there, and two types never', async () => {
    const of = (condition: string, value: object) =>
      update('SET a2 = :v', { ...values({ ':v': value }), ConditionExpression: condition });
    await put({ a1: { N: '10' } });
    await of('a1 > :v', { N: '9' });
    await of('nothere <> :v', { N: '9' });
    await expect(of('a1 > :v', { S: '9' })).rejects.toThrow('conditional');
    await expect(of('nothere <= :v', { N: '9' })).rejects.toThrow('conditional');
  });

  it('shows a write in its index only when that has caught up, while the table shows it at once', async () => {
    const due = async () => {
      const keys = { KeyConditionExpression: 'dueShard = :s', ...values({ ':s': { S: 'due-0' } }) };
      const answer = await dynamo.call('Query', { ...name, IndexName: 'due-index', ...keys });
      return 'Items' in answer && Array.isArray(answer.Items) ? answer.Items : [];
    };
    lagMs = 500;
    await put({ dueShard: { S: 'due-0' }, dueAt: { N: '1' }, secret: { S: 'not projected' } });
    expect(await due()).toEqual([]);
    now = 500;
    expect(await due()).toEqual([{ ...KEY, dueShard: { S: 'due-0' }, dueAt: { N: '1' } }]);
    await update('REMOVE dueAt');
    expect(await due()).toHaveLength(1);
    now = 1_000;
    expect(await due()).toEqual([]);
    expect(await dynamo.call('GetItem', { ...name, Key: KEY })).toHaveProperty('Item.secret');
  });
});
