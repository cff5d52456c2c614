import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ChannelAnswer, ChannelSend } from '../../lambdas/alerts/channels/channel.ts';

/** A request as the receiver got it. */
export type Received = { readonly url: string; readonly headers: IncomingHttpHeaders; readonly body: string };

/** A server on loopback that stands for every host of the internet. */
export type ChannelReceiver = {
  /** Sends to the receiver by plain HTTP what was meant for an `https://` URL. */
  readonly send: ChannelSend;
  readonly received: Received[];
  /** What is answered, by the URL that was meant; default: 200 `ok`. */
  answer: (request: Received) => {
    readonly status: number;
    readonly body: string;
    readonly headers?: Record<string, string>;
  };
  readonly close: () => Promise<void>;
};

/** Starts a receiver on a free port. */
export async function startChannelReceiver(): Promise<ChannelReceiver> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const url = String(request.headers['x-meant-url']);
      const got = { url, headers: request.headers, body: Buffer.concat(chunks).toString('utf8') };
      receiver.received.push(got);
      const { status, body, headers = {} } = receiver.answer(got);
      response.writeHead(status, headers).end(body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const receiver: ChannelReceiver = {
    received: [],
    answer: () => ({ status: 200, body: 'ok' }),
    send: async ({ url, method, headers, body }): Promise<ChannelAnswer> => {
      const answer = await fetch(`http://127.0.0.1:${port}/`, {
        method,
        headers: { ...headers, 'x-meant-url': url },
        body,
      });
      return { status: answer.status, headers: Object.fromEntries(answer.headers), body: await answer.text() };
    },
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
  return receiver;
}
