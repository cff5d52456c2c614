import { type RequestOptions, request } from 'node:https';

/** What came back: status, headers as Node gives them, whole body as text. */
export interface HttpsAnswer {
  readonly status: number;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly body: string;
}

/** One HTTPS request; `rootPem` is the only root trusted. */
export interface HttpsQuestion {
  readonly url: string;
  readonly rootPem: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** Milliseconds until the request is given up. Default 10,000. */
  readonly timeoutMs?: number;
}

function optionsOf(question: HttpsQuestion): RequestOptions {
  return {
    method: question.method ?? 'GET',
    headers: { 'user-agent': 'perennial-local', ...question.headers },
    ca: question.rootPem,
    signal: AbortSignal.timeout(question.timeoutMs ?? 10_000),
    agent: false,
  };
}

/**
 * Sends one request on a connection of its own.
 *
 * Node's `fetch` cannot be told a root, so servers with a root of their own are asked through this.
 * @throws Error of the socket, of TLS, or of the timeout.
 */
export async function askHttps(question: HttpsQuestion): Promise<HttpsAnswer> {
  return new Promise((resolve, reject) => {
    const sent = request(question.url, optionsOf(question), (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(chunks).toString('utf8'),
        }),
      );
    });
    sent.on('error', reject);
    sent.end(question.body);
  });
}
