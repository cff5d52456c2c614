import type { Fault } from '../../local/ca/faults.ts';
import type { VirtualAccount } from '../support/virtual-account.ts';

/** An answer with a problem document instead of what the CA would do. */
export function problemAnswer(
  status: number,
  type: string,
  detail: string,
  more: { readonly headers?: Readonly<Record<string, string>>; readonly subproblems?: readonly object[] } = {},
): Fault & { readonly kind: 'answer' } {
  const { headers = {}, subproblems } = more;
  const document = { type: urn(type), detail, status, ...(subproblems === undefined ? {} : { subproblems }) };
  return {
    kind: 'answer',
    status,
    headers: { 'Content-Type': 'application/problem+json', ...headers },
    body: JSON.stringify(document),
  };
}

export function urn(type: string): string {
  return `urn:ietf:params:acme:error:${type}`;
}

type Json = Record<string, unknown>;

/** The CA's own answer with its JSON changed; answers without JSON stay. */
export function changedJson(change: (body: Json) => Json): Fault & { readonly kind: 'rewrite' } {
  return {
    kind: 'rewrite',
    change: (answer) => {
      const parsed = parse(answer.body);
      return parsed === undefined ? answer : { ...answer, body: JSON.stringify(change(parsed)) };
    },
  };
}

function parse(body: string): Json | undefined {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : undefined;
  } catch {
    return undefined;
  }
}

/** The challenges of an authorization with each changed. */
export function changedChallenges(change: (challenge: Json) => Json): Fault & { readonly kind: 'rewrite' } {
  return changedJson((body) => {
    const challenges: unknown[] = Array.isArray(body.challenges) ? body.challenges : [];
    return { ...body, challenges: challenges.map((each) => change(Object.fromEntries(Object.entries(Object(each))))) };
  });
}

/** For a fault's `when`: the first URL asked for, and no other. */
export function firstUrlOnly(): (request: { readonly url: string }) => boolean {
  let first: string | undefined;
  return ({ url }) => {
    first ??= url;
    return url === first;
  };
}

/** TXT values by name, as they stand in the zones. */
export function txtSets({ route53 }: VirtualAccount): ReadonlyMap<string, readonly string[]> {
  const sets = route53.zones.flatMap((zone) => [...zone.sets.values()]).filter(({ type }) => type === 'TXT');
  return new Map(sets.map(({ name, values }) => [name.replace(/\.$/, ''), values]));
}

/** Names at which TXT values stood after any call to the outside, from now on. */
export function watchTxtNames(account: VirtualAccount): ReadonlySet<string> {
  const seen = new Set<string>();
  account.calls.plan = async (_call, act) => {
    const answer = await act();
    for (const name of txtSets(account).keys()) seen.add(name);
    return answer;
  };
  return seen;
}

/** Instants at which an endpoint was asked, not counting those that only a stale nonce made again. */
export function askedAt({ ca }: VirtualAccount, endpoint: string): readonly number[] {
  return ca.journal.requests
    .filter((request) => request.endpoint === endpoint && request.problemType !== 'badNonce')
    .map(({ at }) => at);
}

/** Waits between instants, milliseconds. */
export function gapsOf(instants: readonly number[]): readonly number[] {
  return instants.slice(1).map((at, index) => at - (instants[index] ?? 0));
}
