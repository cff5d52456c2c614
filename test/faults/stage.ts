import { afterAll, afterEach, beforeAll } from 'vitest';
import type { HttpSend } from '../../lambdas/acme/http.ts';
import type { CaSettings, CertificateDeclaration } from '../../lambdas/core/declaration.ts';
import type { Ca } from '../../local/ca/ca.ts';
import { startCa } from '../../local/ca/ca.ts';
import type { CaOptions } from '../../local/ca/options.ts';
import type { Endpoint } from '../../local/ca/wire.ts';
import type { EmbeddedOptions } from '../../local/embedded/account.ts';
import { sendTo } from '../support/local-ca-send.ts';
import { nextDueAt } from '../support/next-due.ts';
import type { VirtualAccount } from '../support/virtual-account.ts';
import { startVirtualAccount } from '../support/virtual-account.ts';

/** Of the second CA. */
const OTHER_ORIGIN = 'https://other.localhost';

export const FOREVER = Number.POSITIVE_INFINITY;

/** An account that the cases of a file share, each with a certificate of its own. */
export type Stage = {
  readonly account: VirtualAccount;
  readonly now: () => number;
  /** Another CA beside it, with its own journal and faults. */
  readonly other: Ca;
  /** Settings of the other CA, as a declaration names it. */
  otherCa(): CaSettings;
  /** Declares one certificate, `<name>.example.test`, and no other; its domain. */
  declare(name: string, changes?: Partial<CertificateDeclaration>, domains?: readonly string[]): Promise<string>;
  /** Goes from one due row to the next, sweeping, until `done` or until nothing is due within so long. Whether it is done. */
  liveUntil(done: () => boolean | Promise<boolean>, horizonMs: number): Promise<boolean>;
  /** Whether the named certificate has been issued. */
  issued(domain: string, times?: number): () => boolean;
  /** When requests of one kind were made, since the present case began. */
  requestsAt(endpoint: Endpoint): readonly number[];
};

/** Starts the account before the cases of a file and clears every fault after each. No socket is opened. */
export function useStage(
  caOptions: CaOptions = {},
  options: Partial<EmbeddedOptions> = {},
  otherOptions: CaOptions = {},
): Stage {
  let started: VirtualAccount | undefined;
  let other: Ca | undefined;
  let seen = 0;
  const second = (): Ca => {
    if (other === undefined) throw new Error('the other CA is there from beforeAll on');
    return other;
  };
  const send: HttpSend = (request) =>
    sendTo(() => (request.url.startsWith(OTHER_ORIGIN) ? second() : account().ca))(request);
  const account = (): VirtualAccount => {
    if (started === undefined) throw new Error('the stage is there from beforeAll on');
    return started;
  };
  beforeAll(async () => {
    const startedNow = await startVirtualAccount({ inProcess: {}, send, ...options }, caOptions);
    started = startedNow;
    const { clock } = startedNow.virtual;
    const resolver = startedNow.caResolver;
    other = await startCa({
      port: false,
      origin: OTHER_ORIGIN,
      resolver,
      now: () => clock.now(),
      sleep: (ms) => clock.sleep(ms),
      ...otherOptions,
    });
  });
  afterEach(() => {
    account().ca.faults.clear();
    second().faults.clear();
    account().dns.faults.clear();
    account().calls.plan = (_call, act) => act();
    seen = account().ca.journal.requests.length;
  });
  afterAll(() => started?.close());
  const now = (): number => account().virtual.clock.now();
  return {
    get account() {
      return account();
    },
    get other() {
      return second();
    },
    otherCa: () => {
      const { directoryUrl, issuerRootsPem } = second();
      const [settings] = account().declaration('x', ['x.example.test']).cas;
      return { ...settings, name: 'other', directoryUrl, issuerRootsPem };
    },
    now,
    declare: async (name, changes = {}, domains = [`${name}.example.test`]) => {
      await account().deploy([account().declaration(name, domains, changes)]);
      return domains[0] ?? '';
    },
    liveUntil: (done, horizonMs) => liveUntil(account(), done, horizonMs),
    issued: (domain, times = 1) => {
      const count = ({ journal }: Ca): number => journal.issued.filter(({ names }) => names.includes(domain)).length;
      return () => count(account().ca) + count(second()) >= times;
    },
    requestsAt: (endpoint) =>
      account()
        .ca.journal.requests.slice(seen)
        .filter((request) => request.endpoint === endpoint)
        .map(({ at }) => at),
  };
}

/** More than any case needs; a loop without a wait would go on for ever. */
const MOST_SWEEPS = 80;

/** See {@link Stage.liveUntil}. */
export async function liveUntil(
  account: VirtualAccount,
  done: () => boolean | Promise<boolean>,
  horizonMs: number,
): Promise<boolean> {
  const { clock } = account.virtual;
  const end = clock.now() + horizonMs;
  for (let sweep = 0; sweep < MOST_SWEEPS; sweep += 1) {
    if (await done()) return true;
    const dueAt = await nextDueAt(account.ports.base.table);
    if (dueAt > end) return false;
    await account.virtual.advance(Math.max(0, dueAt - clock.now()) + 1);
    await account.sweep();
  }
  throw new Error(`something was due again and again, ${MOST_SWEEPS} times`);
}

/** A problem document as an answer instead of acting. */
export function problemFault(
  status: number,
  type: string,
  detail: string,
  more: { readonly headers?: Record<string, string>; readonly fields?: object } = {},
) {
  const body = JSON.stringify({ type: `urn:ietf:params:acme:error:${type}`, detail, status, ...more.fields });
  return {
    kind: 'answer',
    status,
    headers: { 'content-type': 'application/problem+json', ...more.headers },
    body,
  } as const;
}

/** Changes the JSON of an answer after the CA has acted. */
export function rewriteBody(change: (body: Record<string, unknown>) => object) {
  return {
    kind: 'rewrite',
    change: <A extends { readonly body: string }>(answer: A): A => ({
      ...answer,
      body: JSON.stringify(change(JSON.parse(answer.body))),
    }),
  } as const;
}
