import { Agent, request as httpsRequest } from 'node:https';
import type { LookupFunction } from 'node:net';
import type { AcmeRequest } from '../core/problem.ts';

/** One HTTPS request to a CA. */
export type HttpRequest = {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** The whole exchange, body included, is aborted after this many milliseconds. */
  readonly timeoutMs: number;
  /** PEM roots instead of the public ones. */
  readonly rootsPem?: string;
  /** For logs only: name of the CA, and what the request is for. */
  readonly about?: { readonly ca: string; readonly request: AcmeRequest };
};

export type HttpResponse = {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
};

/** Sends one request; rejects when there was no complete answer. Never repeats, never sleeps. */
export type HttpSend = (request: HttpRequest) => Promise<HttpResponse>;

/** Answers are small; a larger one is not from a CA. Bytes. */
const MAX_BODY = 1_000_000;

/**
 * HTTPS by `node:https`, certificate verification always on, connections kept for the next request of the invocation. `lookup`
 * resolves hosts in place of Node's own.
 */
export function createHttpsSend(lookup?: LookupFunction): { send: HttpSend; close(): void } {
  const agents = new Map<string, Agent>();
  return {
    send: (request) => exchange(request, agentFor(agents, request.rootsPem, lookup)),
    close: () => {
      for (const agent of agents.values()) agent.destroy();
    },
  };
}

function agentFor(agents: Map<string, Agent>, rootsPem: string | undefined, lookup?: LookupFunction): Agent {
  const key = rootsPem ?? '';
  const agent =
    agents.get(key) ??
    new Agent({
      keepAlive: true,
      maxSockets: 20,
      ...(rootsPem === undefined ? {} : { ca: rootsPem }),
      ...(lookup === undefined ? {} : { lookup }),
    });
  agents.set(key, agent);
  return agent;
}

function exchange(request: HttpRequest, agent: Agent): Promise<HttpResponse> {
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(Math.max(1, request.timeoutMs));
    const body = request.body ?? '';
    const headers = { ...request.headers, 'content-length': String(Buffer.byteLength(body)) };
    const sent = httpsRequest(request.url, { method: request.method, headers, agent, signal }, (answer) => {
      const chunks: Buffer[] = [];
      let size = 0;
      answer.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size > MAX_BODY) answer.destroy(new Error(`answer of ${request.url} is larger than ${MAX_BODY} bytes`));
        chunks.push(chunk);
      });
      answer.on('error', reject);
      answer.on('aborted', () => reject(new Error(`${request.url} ended the connection within its answer`)));
      answer.on('end', () => {
        resolve({
          status: answer.statusCode ?? 0,
          headers: flatten(answer.headers),
          body: Buffer.concat(chunks).toString('utf8'),
        });
      });
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

function flatten(headers: NodeJS.Dict<string | string[]>): Record<string, string> {
  const flat: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) flat[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return flat;
}
