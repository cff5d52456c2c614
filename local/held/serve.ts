import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { EmbeddedAccount } from '../embedded/account.ts';
import { answerWire, type WireAnswer, type WireRequest } from './wire.ts';

/** An account's AWS services on loopback. */
export type ServedAccount = { readonly endpoint: string; stop(): Promise<void> };

/** Serves what the CLI asks of an account, as AWS would, on 127.0.0.1; port 0 is any that is free. */
export async function serveAccount(account: EmbeddedAccount, port: number): Promise<ServedAccount> {
  const dynamo = await dynamoEndpoint(account);
  const server = createServer((incoming, response) => {
    answer(account, dynamo, incoming).then(
      (given) => send(response, given),
      (error: unknown) => send(response, { status: 500, type: 'text/plain', body: String(error) }),
    );
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('a TCP server without a port');
  return {
    endpoint: `http://127.0.0.1:${address.port}`,
    stop: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/** DynamoDB is a server of its own already. */
async function dynamoEndpoint({ clients }: EmbeddedAccount): Promise<string> {
  const endpoint = await clients.dynamoDb.config.endpoint?.();
  if (endpoint === undefined) throw new Error('the account has its table in memory: it must have sockets to be served');
  return `${endpoint.protocol}//${endpoint.hostname}:${endpoint.port}`;
}

async function answer(account: EmbeddedAccount, dynamo: string, incoming: IncomingMessage): Promise<WireAnswer> {
  const request = await requestOf(incoming);
  return request.headers['x-amz-target']?.startsWith('DynamoDB_')
    ? passOn(dynamo, request)
    : answerWire(account, request);
}

async function requestOf(incoming: IncomingMessage): Promise<WireRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk);
  const headers = Object.entries(incoming.headers).map(([name, value]) => [name, value?.toString()]);
  const { method = 'GET', url: path = '/' } = incoming;
  return { method, path, headers: Object.fromEntries(headers), body: Buffer.concat(chunks).toString('utf8') };
}

async function passOn(dynamo: string, { headers, body }: WireRequest): Promise<WireAnswer> {
  const kept = ['x-amz-target', 'content-type', 'authorization', 'x-amz-date'].flatMap((name) => {
    const value = headers[name];
    return value === undefined ? [] : [[name, value]];
  });
  const response = await fetch(dynamo, { method: 'POST', headers: Object.fromEntries(kept), body });
  const type = response.headers.get('content-type') ?? 'application/x-amz-json-1.0';
  return { status: response.status, type, body: await response.text() };
}

function send(response: ServerResponse, { status, type, body }: WireAnswer): void {
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body) });
  response.end(body);
}
