import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import {
  CreateTableCommand,
  type CreateTableCommandInput,
  DescribeTableCommand,
  DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import dynalite from 'dynalite';

/** The one table as the template declares it: keys, the sparse due index, on demand. */
export const TABLE_DEFINITION: Omit<CreateTableCommandInput, 'TableName'> = {
  BillingMode: 'PAY_PER_REQUEST',
  AttributeDefinitions: [
    { AttributeName: 'pk', AttributeType: 'S' },
    { AttributeName: 'sk', AttributeType: 'S' },
    { AttributeName: 'dueShard', AttributeType: 'S' },
    { AttributeName: 'dueAt', AttributeType: 'N' },
  ],
  KeySchema: [
    { AttributeName: 'pk', KeyType: 'HASH' },
    { AttributeName: 'sk', KeyType: 'RANGE' },
  ],
  GlobalSecondaryIndexes: [
    {
      IndexName: 'due-index',
      KeySchema: [
        { AttributeName: 'dueShard', KeyType: 'HASH' },
        { AttributeName: 'dueAt', KeyType: 'RANGE' },
      ],
      Projection: {
        ProjectionType: 'INCLUDE',
        NonKeyAttributes: ['kind', 'startSeq', 'tries', 'runUntil', 'endsAt', 'ca'],
      },
    },
  ],
};

/** What an AWS SDK client needs to reach a local DynamoDB. */
export type DynamoClientOptions = {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
};

/** A running DynamoDB with its table. */
export type LocalDynamo = {
  readonly endpoint: string;
  readonly tableName: string;
  readonly clientOptions: DynamoClientOptions;
  stop(): Promise<void>;
};

/** Names of tables of {@link TABLE_DEFINITION}. */
type DynamoTables = { readonly tableName: string; readonly alsoNamed?: readonly string[] };

/**
 * Starts DynamoDB's protocol in this process, on a free port of 127.0.0.1, with empty tables of {@link TABLE_DEFINITION}.
 * It has no transactions, removes nothing by TTL, and its failed conditions carry no item.
 */
export async function startDynamo({ tableName, alsoNamed = [] }: DynamoTables): Promise<LocalDynamo> {
  const server = dynalite({ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const endpoint = `http://127.0.0.1:${portOf(server.address())}`;
  const clientOptions = {
    endpoint,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  };
  await createTables(clientOptions, [tableName, ...alsoNamed]);
  const stop = () =>
    new Promise<void>((resolve, reject) => {
      server.close((error) => (error ? reject(error) : resolve()));
      // Close waits for requests that have begun, for as long as a client takes to send them.
      server.closeAllConnections();
    });
  return { endpoint, tableName, clientOptions, stop };
}

async function createTables(clientOptions: DynamoClientOptions, names: readonly string[]): Promise<void> {
  const client = new DynamoDBClient(clientOptions);
  try {
    for (const name of names) await createActiveTable(client, name);
  } finally {
    client.destroy();
  }
}

/** Creates a table of {@link TABLE_DEFINITION}; a write that comes before it is active finds no table. */
export async function createActiveTable(client: DynamoDBClient, TableName: string): Promise<void> {
  const { TableDescription } = await client.send(new CreateTableCommand({ ...TABLE_DEFINITION, TableName }));
  let status = TableDescription?.TableStatus;
  while (status !== 'ACTIVE') status = (await client.send(new DescribeTableCommand({ TableName }))).Table?.TableStatus;
}

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === 'string') throw new Error('The local DynamoDB listens on no port.');
  return address.port;
}
