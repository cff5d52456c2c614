import { createServer } from 'node:http';
import { Agent, type Answer, type Json, objects, type Server, strings } from './agent.ts';
import { type Csr, type CsrRecipe, makeCsr } from './csr.ts';
import { startZone, type Zone } from './zone.ts';

/** Answers http-01: a body for a host; other hosts' connections are closed. */
export interface Web {
  readonly port: number;
  serve(host: string, body: (token: string) => string): void;
  close(): Promise<void>;
}

export async function startWeb(): Promise<Web> {
  const bodies = new Map<string, (token: string) => string>();
  const server = createServer((request, response) => {
    const body = bodies.get((request.headers.host ?? '').replace(/:\d+$/, ''));
    if (!body) response.socket?.destroy();
    else response.end(body(request.url?.split('/').at(-1) ?? ''));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    serve: (host, body) => bodies.set(host, body),
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A certificate that was got, with all that led to it. */
export interface Issued {
  readonly agent: Agent;
  readonly order: Json;
  readonly orderUrl: string;
  readonly certificateUrl: string;
  readonly chain: string;
  readonly csr: Csr;
}

/** What a conformance case works with: one CA, one DNS, one web server. */
export class Stage {
  readonly server: Server;
  readonly zone: Zone;
  readonly web: Web;
  readonly #label: string;
  #count = 0;

  constructor(server: Server, zone: Zone, web: Web, label: string) {
    this.server = server;
    this.zone = zone;
    this.web = web;
    this.#label = label;
  }

  /** A name that no other case uses. */
  name(): string {
    this.#count += 1;
    return `${this.#label}${this.#count}.example.test`;
  }

  stranger(): Agent {
    return new Agent(this.server);
  }

  async member(): Promise<Agent> {
    const agent = this.stranger();
    await agent.register();
    return agent;
  }

  /** The first authorization of an order. */
  async authorization(agent: Agent, order: Answer): Promise<{ readonly url: string; readonly body: Json }> {
    const url = strings(order.body.authorizations)[0] ?? '';
    return { url, body: (await agent.post(url)).body };
  }

  challenge(authorization: Json, type: string): Json {
    const found = objects(authorization.challenges).find((each) => each.type === type);
    if (!found) throw new Error(`No ${type} is offered`);
    return found;
  }

  /** Publishes what dns-01 asks for, for all authorizations, and answers; resolves when all have ended. */
  async proveAll(agent: Agent, order: Answer): Promise<void> {
    for (const url of strings(order.body.authorizations)) {
      const { body } = await agent.post(url);
      if (body.status !== 'pending') continue;
      const challenge = this.challenge(body, 'dns-01');
      const { value } = body.identifier as Record<string, string>;
      this.zone.txt(`_acme-challenge.${value}`, agent.dnsValue(String(challenge.token)));
      await this.answer(agent, url, challenge);
    }
  }

  /** Answers a challenge; the authorization when it has ended. */
  async answer(agent: Agent, authorizationUrl: string, challenge: Json): Promise<Json> {
    await agent.post(String(challenge.url), {});
    return (await agent.poll(authorizationUrl, (seen) => seen.body.status !== 'pending')).body;
  }

  /** An order for the names that is `ready`. */
  async ready(
    agent: Agent,
    names: readonly string[],
    more: object = {},
  ): Promise<{ readonly url: string; readonly body: Json }> {
    const order = await agent.order(names, more);
    const url = order.header('location') ?? '';
    await this.proveAll(agent, order);
    const { body } = await agent.poll(url, (seen) => seen.body.status !== 'pending');
    return { url, body };
  }

  /** Finalizes and waits for the end. */
  async finalize(agent: Agent, order: { readonly url: string; readonly body: Json }, csr: string): Promise<Json> {
    await agent.post(String(order.body.finalize), { csr });
    return (await agent.poll(order.url, (seen) => ['valid', 'invalid'].includes(String(seen.body.status)))).body;
  }

  async issue(
    names: readonly string[],
    agent?: Agent,
    more: object = {},
    recipe: Partial<CsrRecipe> = {},
  ): Promise<Issued> {
    const by = agent ?? (await this.member());
    const order = await this.ready(by, names, more);
    const csr = await makeCsr({ names, ...recipe });
    const done = await this.finalize(by, order, csr.text);
    const certificateUrl = String(done.certificate);
    const chain = (await by.post(certificateUrl)).text;
    return { agent: by, order: done, orderUrl: order.url, certificateUrl, chain, csr };
  }

  async close(): Promise<void> {
    await this.zone.close();
    await this.web.close();
  }
}

export async function openStage(start: (zone: Zone, web: Web) => Promise<Server>, label: string): Promise<Stage> {
  const zone = await startZone();
  const web = await startWeb();
  return new Stage(await start(zone, web), zone, web, label);
}
