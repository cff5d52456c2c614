import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { ListenerCertificate } from './listener-certificate.ts';
import type { Outcome } from './outcome.ts';
import type { CaAnswer, CaRequest } from './wire.ts';

const MOST_BYTES = 256 * 1024;

async function bodyOf(message: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of message) {
    length += chunk.length;
    if (length > MOST_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function requestOf(message: IncomingMessage, body: string): CaRequest {
  const headers = Object.entries(message.headers).map(([name, value]) => [
    name,
    Array.isArray(value) ? value.join(', ') : value,
  ]);
  return {
    method: message.method ?? 'GET',
    url: message.url ?? '/',
    headers: Object.fromEntries(headers),
    body,
    remoteAddress: message.socket.remoteAddress ?? '127.0.0.1',
  };
}

function headersOf(answer: CaAnswer): Record<string, string | string[]> {
  return Object.fromEntries(
    Object.entries(answer.headers).map(([name, value]) => [name, typeof value === 'string' ? value : [...value]]),
  );
}

/** Announces the whole body, sends half of it and breaks off; without a body there is nothing to announce. */
function sendHalf(response: ServerResponse, answer: CaAnswer): void {
  const body = Buffer.from(answer.body);
  if (body.length < 2) {
    response.socket?.destroy();
    return;
  }
  response.writeHead(answer.status, { ...headersOf(answer), 'Content-Length': body.length });
  response.write(body.subarray(0, body.length / 2), () => response.socket?.destroy());
}

function send(response: ServerResponse, outcome: Outcome): void {
  if (outcome.kind === 'silence') return;
  if (outcome.kind === 'answer') {
    response.writeHead(outcome.answer.status, headersOf(outcome.answer));
    response.end(outcome.answer.body);
  } else if (outcome.partial) sendHalf(response, outcome.partial);
  else response.socket?.destroy();
}

/** The CA's socket. */
export interface Listener {
  readonly server: Server;
  /** `https://127.0.0.1:port` */
  readonly origin: string;
  stop(): Promise<void>;
}

async function listen(server: Server, port: number): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('The listener has no address');
  return `https://127.0.0.1:${address.port}`;
}

async function close(server: Server): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve));
  server.closeAllConnections();
  await closed;
}

/**
 * Listens on 127.0.0.1 over HTTPS.
 * @throws Error of the socket when the port is taken.
 */
export async function startListener(
  port: number,
  tls: ListenerCertificate,
  handle: (request: CaRequest) => Promise<Outcome>,
): Promise<Listener> {
  const server = createServer({ cert: tls.certificatePem, key: tls.privateKeyPem }, async (message, response) => {
    // A client that goes away while it is being answered is its own business.
    response.on('error', () => undefined);
    response.sendDate = false;
    const body = await bodyOf(message).catch(() => undefined);
    if (body === undefined) return void response.socket?.destroy();
    const outcome = await handle(requestOf(message, body)).catch((error: unknown) => {
      process.emitWarning(error instanceof Error ? error : new Error(String(error)));
      return { kind: 'answer', answer: { status: 500, headers: {}, body: String(error) } } as const;
    });
    send(response, outcome);
  });
  server.on('tlsClientError', () => undefined);
  const origin = await listen(server, port);
  return { server, origin, stop: () => close(server) };
}
