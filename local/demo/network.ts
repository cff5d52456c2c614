import type { HttpRequest, HttpResponse, HttpSend } from '../../lambdas/acme/http.ts';
import { namesKey, Tally } from './tally.ts';

/** What the network does to one request; `deliver` takes it to the CA and brings the answer, as often as it is called. */
export type Trouble = (deliver: () => Promise<HttpResponse>) => Promise<HttpResponse>;

/** The way to the CA: counts all that goes along it, and gives trouble where a scene asks for it. */
export class Network {
  readonly tally = new Tally();
  readonly #carry: HttpSend;
  readonly #troubles = new Map<string, Trouble>();

  constructor(carry: HttpSend) {
    this.#carry = carry;
  }

  readonly send: HttpSend = (request) => {
    const { kind, names = '' } = this.tally.resourceAt(request.url);
    const trouble = kind === 'finalize' ? this.#troubles.get(names) : undefined;
    if (trouble === undefined) return this.#deliver(request);
    this.#troubles.delete(names);
    return trouble(() => this.#deliver(request));
  };

  /** Gives trouble to the next finalize for these names, once. */
  troubleFinalize(domains: readonly string[], trouble: Trouble): void {
    this.#troubles.set(namesKey(domains), trouble);
  }

  async #deliver(request: HttpRequest): Promise<HttpResponse> {
    const answer = await this.#carry(request).catch((error: unknown) => {
      this.tally.note(request, undefined);
      throw error;
    });
    this.tally.note(request, answer);
    return answer;
  }
}
