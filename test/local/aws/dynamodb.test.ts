import { once } from 'node:events';
import { connect } from 'node:net';
import {
  DescribeTableCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
} from '@aws-sdk/client-dynamodb';
import { afterEach, describe, expect, it } from 'vitest';
import { type LocalDynamo, startDynamo } from '../../../local/aws/dynamodb.ts';

const running: LocalDynamo[] = [];

afterEach(async () => {
  await Promise.all(running.splice(0).map((dynamo) => dynamo.stop()));
});

async function start() {
  const dynamo = await startDynamo({ tableName: 'perennial' });
  running.push(dynamo);
  return new DynamoDBClient(dynamo.clientOptions);
}

describe('The local DynamoDB', () => {
  it('has an active table at once', async () => {
    const client = await start();
    const { Table } = await client.send(new DescribeTableCommand({ TableName: 'perennial' }));
    expect(Table?.TableStatus).toBe('ACTIVE');
  });

  it('finds in the due index only the rows that are in it, with the projected attributes', async () => {
    const client = await start();
    const put = (Item: PutItemCommand['input']['Item']) =>
      client.send(new PutItemCommand({ TableName: 'perennial', Item }));
    await put({ pk: { S: 'CERT#a' }, sk: { S: 'CERT' } });
    await put({
      pk: { S: 'CERT#a' },
      sk: { S: 'ROLE#current' },
      dueShard: { S: 'due-1' },
      dueAt: { N: '5' },
      kind: { S: 'renew' },
      certificate: { S: 'a' },
    });
    const { Items } = await client.send(
      new QueryCommand({
        TableName: 'perennial',
        IndexName: 'due-index',
        KeyConditionExpression: 'dueShard = :shard AND dueAt <= :now',
        ExpressionAttributeValues: { ':shard': { S: 'due-1' }, ':now': { N: '5' } },
      }),
    );
    expect(Items).toEqual([
      {
        pk: { S: 'CERT#a' },
        sk: { S: 'ROLE#current' },
        dueShard: { S: 'due-1' },
        dueAt: { N: '5' },
        kind: { S: 'renew' },
      },
    ]);
  });

  it('keeps the rows of two instances apart', async () => {
    const [one, other] = [await start(), await start()];
    const Key = { pk: { S: 'x' }, sk: { S: 'x' } };
    await one.send(new PutItemCommand({ TableName: 'perennial', Item: Key }));
    const read = (client: DynamoDBClient) => client.send(new GetItemCommand({ TableName: 'perennial', Key }));
    expect((await read(one)).Item).toEqual(Key);
    expect((await read(other)).Item).toBeUndefined();
  });

  it('stops although a request is half sent, and nobody listens then', async () => {
    const dynamo = await startDynamo({ tableName: 'perennial' });
    const half = connect(Number(new URL(dynamo.endpoint).port), '127.0.0.1');
    half.on('error', () => undefined);
    await once(half, 'connect');
    half.write('POST / HTTP/1.1\r\n');
    const describeTable = (client: DynamoDBClient) => client.send(new DescribeTableCommand({ TableName: 'perennial' }));
    await describeTable(new DynamoDBClient(dynamo.clientOptions));
    await dynamo.stop();
    const late = new DynamoDBClient({ ...dynamo.clientOptions, maxAttempts: 1 });
    await expect(describeTable(late)).rejects.toThrow(/ECONNREFUSED/);
  });
});
