import { createHash } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { askHttps } from '../../../local/ca/https-client.ts';
import type { CaAnswer, CaRequest } from '../../../local/ca/wire.ts';
import { ecKey, type FlatJws, type SigningKey, signJws } from './signer.ts';

/** Where a CA is and what to trust. */
export interface Server {
  readonly directoryUrl: string;
  readonly rootPem: string;
  readonly issuerRootsPem: string;
  /** In process instead of through a socket. */
  readonly inProcess?: (request: CaRequest) => Promise<CaAnswer>;
}

export type Json = Record<string, unknown>;

/** An answer with what the cases look at taken out of it. */
export interface Answer {
  readonly status: number;
  readonly header: (name: string) => string | undefined;
  readonly links: readonly string[];
  readonly text: string;
  readonly body: Json;
  /** Last part of the problem type. */
  readonly problem: string | undefined;
}

/** What a request has that a well-behaved one has not. */
export interface Twist {
  readonly key?: SigningKey;
  /** Header members to set; undefined takes one away. */
  readonly header?: Json;
  readonly contentType?: string;
  readonly userAgent?: string;
  /** Changes the JWS after it was signed. */
  readonly jws?: (jws: FlatJws) => unknown;
  /** The request goes to this URL, the header says another. */
  readonly sendTo?: string;
}

function parse(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return {};
  }
}

interface Sent {
  readonly status: number;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly body: string;
}

async function send(
  server: Server,
  url: string,
  method: string,
  headers: Record<string, string>,
  body?: string,
): Promise<Sent> {
  const { rootPem, inProcess } = server;
  if (!inProcess) return askHttps({ url, rootPem, method, headers, ...(body === undefined ? {} : { body }) });
  const answer = await inProcess({ url, method, headers, body: body ?? '' });
  const lower = Object.entries(answer.headers).map(([name, value]) => [
    name.toLowerCase(),
    typeof value === 'string' ? value : [...value],
  ]);
  return { status: answer.status, headers: Object.fromEntries(lower), body: answer.body };
}

/** One client of one CA: it signs what it is told to, right or wrong. */
export class Agent {
  readonly server: Server;
  readonly key: SigningKey;
  kid: string | undefined;
  #directory: Json | undefined;

  constructor(server: Server, key: SigningKey = ecKey()) {
    this.server = server;
    this.key = key;
  }

  async ask(url: string, method = 'GET', headers: Record<string, string> = {}, body?: string): Promise<Answer> {
    const got = await send(this.server, url, method, { 'user-agent': 'conformance', ...headers }, body);
    const header = (name: string) => [got.headers[name] ?? []].flat()[0];
    const json = parse(got.body);
    const type = typeof json.type === 'string' ? json.type : undefined;
    return {
      status: got.status,
      header,
      links: [got.headers.link ?? []].flat().flatMap((value) => value.split(/,\s*(?=<)/)),
      text: got.body,
      body: json,
      problem: got.status >= 400 ? type?.replace('urn:ietf:params:acme:error:', '') : undefined,
    };
  }

  async directory(): Promise<Json> {
    this.#directory ??= (await this.ask(this.server.directoryUrl)).body;
    return this.#directory;
  }

  /** URL of a resource in the directory. */
  async url(resource: string): Promise<string> {
    return String((await this.directory())[resource]);
  }

  async nonce(): Promise<string> {
    const answer = await this.ask(await this.url('newNonce'), 'HEAD');
    return answer.header('replay-nonce') ?? '';
  }

  /** Signs by the account when there is one, by the key else. `undefined` is POST-as-GET; a string is sent as it is. */
  async post(url: string, payload?: unknown, twist: Twist = {}): Promise<Answer> {
    const key = twist.key ?? this.key;
    const by = this.kid === undefined ? { jwk: key.jwk } : { kid: this.kid };
    const header = { alg: key.alg, nonce: await this.nonce(), url, ...by, ...twist.header };
    const text = payload === undefined ? '' : typeof payload === 'string' ? payload : JSON.stringify(payload);
    const jws = signJws(key, header, text);
    const body = JSON.stringify(twist.jws ? twist.jws(jws) : jws);
    const headers = { 'content-type': twist.contentType ?? 'application/jose+json' };
    const agent = twist.userAgent === undefined ? {} : { 'user-agent': twist.userAgent };
    return this.ask(twist.sendTo ?? url, 'POST', { ...headers, ...agent }, body);
  }

  async register(payload: object = { termsOfServiceAgreed: true }): Promise<Answer> {
    const answer = await this.post(await this.url('newAccount'), payload);
    this.kid = answer.header('location');
    return answer;
  }

  async order(names: readonly string[], more: object = {}): Promise<Answer> {
    const identifiers = names.map((value) => ({ type: 'dns', value }));
    return this.post(await this.url('newOrder'), {
      identifiers,
      ...(this.server.inProcess ? {} : { profile: 'default' }),
      ...more,
    });
  }

  /** Reads until `done`; a CA that validates in the background is asked every 20 ms, for 10 s. */
  async poll(url: string, done: (answer: Answer) => boolean): Promise<Answer> {
    for (let left = 500; left > 0; left -= 1) {
      const answer = await this.post(url);
      if (done(answer)) return answer;
      await pause(20);
    }
    throw new Error(`${url} does not come to an end`);
  }

  keyAuthorization(token: string): string {
    return `${token}.${this.key.thumbprint}`;
  }

  /** The TXT value of dns-01. */
  dnsValue(token: string): string {
    return createHash('sha256').update(this.keyAuthorization(token)).digest('base64url');
  }
}

export function strings(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

export function objects(value: unknown): readonly Json[] {
  return Array.isArray(value) ? (value as Json[]) : [];
}
