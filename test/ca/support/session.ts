import { createHash } from 'node:crypto';
import { Agent as HttpsAgent, request } from 'node:https';
import type { Ca } from '../../../local/ca/ca.ts';
import { ecKey, type FlatJws, type SigningKey, signJws } from './signer.ts';

interface Answer {
  readonly status: number;
  readonly nonce: string | undefined;
  readonly location: string | undefined;
  readonly text: string;
  readonly body: Readonly<Record<string, unknown>>;
}

/** A thrifty client on kept connections: each answer's nonce is the next request's. */
export class Session {
  readonly #ca: Ca;
  readonly #key: SigningKey = ecKey();
  readonly #agent: HttpsAgent;
  readonly #nonces: string[] = [];
  #directory: Readonly<Record<string, string>> = {};
  #kid: string | undefined;

  constructor(ca: Ca) {
    this.#ca = ca;
    this.#agent = new HttpsAgent({ ca: ca.rootPem, keepAlive: true, maxSockets: 1 });
  }

  /** Directory, nonce and account: three requests. */
  static async open(ca: Ca): Promise<Session> {
    const session = new Session(ca);
    await session.readDirectory();
    await session.register();
    return session;
  }

  async readDirectory(): Promise<void> {
    this.#directory = (await this.#send(this.#ca.directoryUrl, 'GET')).body as Record<string, string>;
  }

  async register(): Promise<void> {
    this.#kid = (await this.#post(this.#directory.newAccount ?? '', { termsOfServiceAgreed: true })).location;
  }

  /** Forgets the nonces at hand, as a process that has just started. */
  cool(): void {
    this.#nonces.length = 0;
  }

  /** newOrder, authorization, challenge, order, finalize, certificate: six requests where finalize is synchronous. */
  async issue(name: string, csr: string, publish: (value: string) => void): Promise<string> {
    const order = await this.#post(this.#directory.newOrder ?? '', { identifiers: [{ type: 'dns', value: name }] });
    const [authorizationUrl] = order.body.authorizations as string[];
    const authorization = await this.#post(authorizationUrl ?? '');
    const challenges = authorization.body.challenges as { type: string; url: string; token: string }[];
    const challenge = challenges.find(({ type }) => type === 'dns-01');
    const digest = createHash('sha256').update(`${challenge?.token}.${this.#key.thumbprint}`).digest('base64url');
    publish(digest);
    await this.#post(challenge?.url ?? '', {});
    const ready = await this.#post(order.location ?? '');
    if (ready.body.status !== 'ready') throw new Error(`The order is ${String(ready.body.status)}`);
    const done = await this.#post(String(ready.body.finalize), { csr });
    if (done.body.status !== 'valid') throw new Error(`Finalize answers ${done.text}`);
    return (await this.#post(String(done.body.certificate))).text;
  }

  async #nonce(): Promise<string> {
    const held = this.#nonces.pop();
    if (held !== undefined) return held;
    await this.#send(this.#directory.newNonce ?? '', 'HEAD');
    return this.#nonces.pop() ?? '';
  }

  async #post(url: string, payload?: object): Promise<Answer> {
    const by = this.#kid === undefined ? { jwk: this.#key.jwk } : { kid: this.#kid };
    const header = { alg: this.#key.alg, nonce: await this.#nonce(), url, ...by };
    const jws: FlatJws = signJws(this.#key, header, payload === undefined ? '' : JSON.stringify(payload));
    const answer = await this.#send(url, 'POST', JSON.stringify(jws));
    if (answer.status >= 400) throw new Error(`${url} answers ${answer.status}: ${answer.text}`);
    return answer;
  }

  async #send(url: string, method: string, body?: string): Promise<Answer> {
    const answer = await new Promise<Answer>((resolve, reject) => {
      const headers = { 'content-type': 'application/jose+json', 'user-agent': 'bench' };
      const sent = request(url, { method, headers, agent: this.#agent }, (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => {
          text += chunk;
        });
        response.on('error', reject);
        response.on('end', () => {
          const nonce = [response.headers['replay-nonce'] ?? []].flat()[0];
          const parsed = response.headers['content-type'] === 'application/json' ? JSON.parse(text) : {};
          resolve({ status: response.statusCode ?? 0, nonce, location: response.headers.location, text, body: parsed });
        });
      });
      sent.on('error', reject);
      sent.end(body);
    });
    if (answer.nonce !== undefined) this.#nonces.push(answer.nonce);
    return answer;
  }

  close(): void {
    this.#agent.destroy();
  }
}
