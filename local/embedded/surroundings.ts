import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { ResolverSettings } from '../../lambdas/dns/resolver.ts';
import { startDynamo, TABLE_DEFINITION } from '../aws/dynamodb.ts';
import {
  MemoryDynamoDb,
  type MemoryDynamoOptions,
  memoryBehindDocuments,
} from '../aws/memory-dynamodb/memory-dynamodb.ts';
import { retriesWithoutDelay } from '../aws/retries.ts';
import { connectFake } from '../aws/seam.ts';
import type { Lookup } from '../ca/resolver.ts';
import { createInProcessDns } from '../dns/in-process.ts';
import { type DnsServer, startDnsServer } from '../dns/server.ts';
import type { DnsSource } from '../dns/zone-data.ts';
import { type CertificateSource, type Edge, startEdge } from '../edge/edge.ts';
import type { Calls } from './calls.ts';
import { caLookup, createInProcessEdge, stepsResolver } from './in-process.ts';
import type { InProcess } from './local-ports.ts';
import { observeDynamo } from './observe.ts';
import { LOCAL_REGION } from './template-values.ts';

export const TABLE_NAME = 'perennial';
/** The table of the watch. */
export const WATCH_TABLE_NAME = 'perennial-watch';

/** What the surroundings show to the outside. */
type Shown = {
  readonly records: DnsSource;
  readonly certificates: CertificateSource;
  readonly now: () => number;
};

type Ways = { readonly inProcess?: MemoryDynamoOptions; readonly edgeLags?: boolean };

/** What the steps reach beyond the AWS fakes: the table, DNS and the edge. */
export type Surroundings = {
  /** A client of the tables, each attempt of whose calls passes through an account's calls, by default as of `dynamodb`. */
  readonly connectTable: (calls: Calls, service?: string) => DynamoDBClient;
  readonly dns: Pick<DnsServer, 'address' | 'faults'>;
  readonly resolver: ResolverSettings;
  readonly inProcess: InProcess | undefined;
  readonly caResolver: string | Lookup;
  readonly edge: Edge;
  stop(): Promise<void>;
};

/** Starts them on loopback, or in this process without any socket. */
export async function startSurroundings(ways: Ways, shown: Shown): Promise<Surroundings> {
  return ways.inProcess === undefined ? onLoopback(ways, shown) : inMemory(ways.inProcess, ways, shown);
}

async function onLoopback({ edgeLags = false }: Ways, { records, certificates, now }: Shown): Promise<Surroundings> {
  const dynamo = await startDynamo({ tableName: TABLE_NAME, alsoNamed: [WATCH_TABLE_NAME] });
  const dns = await startDnsServer({ source: records, scope: 'everything', now });
  const edge = await startEdge({ certificates, lag: edgeLags });
  return {
    connectTable: (calls, service) => {
      const client = new DynamoDBClient({ ...dynamo.clientOptions, retryStrategy: retriesWithoutDelay() });
      return observeDynamo(client, calls, service);
    },
    dns,
    resolver: { resolvers: [dns.address], nameServers: { '*': dns.address } },
    inProcess: undefined,
    caResolver: dns.address,
    edge,
    stop: async () => {
      await Promise.all([edge.stop(), dns.close(), dynamo.stop()]);
    },
  };
}

async function inMemory(
  options: MemoryDynamoOptions,
  { edgeLags = false }: Ways,
  { records, certificates, now }: Shown,
): Promise<Surroundings> {
  const dynamo = new MemoryDynamoDb(options);
  for (const name of [TABLE_NAME, WATCH_TABLE_NAME])
    await dynamo.call('CreateTable', { ...TABLE_DEFINITION, TableName: name });
  const dns = createInProcessDns(records, now);
  const { edge, served, handshakes } = createInProcessEdge(certificates, edgeLags);
  return {
    connectTable: (calls, service = 'dynamodb') =>
      connectFake(inMemoryClient(), memoryBehindDocuments(dynamo), (operation, _input, act) =>
        calls.pass(service, operation, act),
      ),
    dns: { address: 'in process', faults: dns.faults },
    resolver: {},
    inProcess: { resolver: stepsResolver(dns), served, handshakes },
    caResolver: caLookup(dns),
    edge,
    stop: () => edge.stop(),
  };
}

function inMemoryClient(): DynamoDBClient {
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  return new DynamoDBClient({ region: LOCAL_REGION, credentials, retryStrategy: retriesWithoutDelay() });
}
