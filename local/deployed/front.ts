import { once } from 'node:events';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { createServer, request } from 'node:https';
import type { Ground } from './ministack.ts';

/** An endpoint in front of one service of MiniStack; Lambdas find it by `AWS_ENDPOINT_URL_<SERVICE>`. */
export interface Front {
  readonly endpoint: string;
  stop(): Promise<void>;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export async function bodyOf(stream: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** The request once more, byte for byte: `Host` is among the signed headers, so it must stay that of the front. */
export async function passOn(from: IncomingMessage, body: Buffer, ground: Ground): Promise<Answer> {
  const { hostname, port } = new URL(ground.endpoint);
  const sent = request({
    hostname,
    port,
    method: from.method,
    path: from.url,
    headers: from.headers,
    ca: ground.tls.rootPem,
    servername: hostname,
    agent: false,
  });
  sent.end(body);
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  return { status: answer.statusCode ?? 502, headers: answer.headers, body: await bodyOf(answer) };
}

/** Headers that clients read: those of the JSON protocols, and the tag by which CloudFront knows a version. */
function send(response: ServerResponse, { status, headers, body }: Answer): void {
  const kept = ['content-type', 'x-amzn-errortype', 'x-amzn-requestid', 'x-amz-crc32', 'etag', 'location'].flatMap(
    (name) => {
      const value = headers[name];
      return value === undefined ? [] : [[name, value] as const];
    },
  );
  response.writeHead(status, { ...Object.fromEntries(kept), 'content-length': body.length });
  response.end(body);
}

/** Listens with MiniStack's own certificate. A request whose answer fails is answered 502; one whose answer never comes, never. */
export async function startFront(ground: Ground, answer: (from: IncomingMessage) => Promise<Answer>): Promise<Front> {
  const tls = { cert: ground.tls.certificatePem, key: ground.tls.privateKeyPem };
  const server = createServer(tls, (from, response) => {
    answer(from).then(
      (given) => send(response, given),
      (error: unknown) => send(response, { status: 502, headers: {}, body: Buffer.from(String(error)) }),
    );
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('a TCP server without a port');
  return {
    endpoint: `https://localhost:${address.port}`,
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
