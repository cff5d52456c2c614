import type { HttpRequest, HttpResponse } from '../../lambdas/acme/http.ts';

/** A request that reached the CA. */
export type SeenRequest = {
  /** The resource it went to (RFC 8555 section 7.1), `unknown` where no answer had named its URL. */
  readonly kind: string;
  /** Sorted names of the order that it belongs to, joined by a space; absent where it belongs to none. */
  readonly names?: string;
  /** 0: there was no answer. */
  readonly status: number;
  /** Type, without its prefix, and detail of a problem document. */
  readonly problem?: { readonly type: string; readonly detail: string };
};

type Resource = Pick<SeenRequest, 'kind' | 'names'>;
type Fields = Readonly<Record<string, unknown>>;

/** Resources whose answer is an order object. */
const ORDER_KINDS = ['newOrder', 'order', 'finalize'];
const PROBLEM_PREFIX = 'urn:ietf:params:acme:error:';

export function namesKey(domains: readonly string[]): string {
  return [...domains].sort().join(' ');
}

/** Counts what a CA is asked, by what its own answers say each URL is: no CA's form of URLs is relied on. */
export class Tally {
  readonly requests: SeenRequest[] = [];
  readonly #resources = new Map<string, Resource>();

  /** The resource at a URL. Without a directory nothing can be known: the first URL asked for is that. */
  resourceAt(url: string): Resource {
    if (this.#resources.size === 0) this.#resources.set(url, { kind: 'directory' });
    return this.#resources.get(url) ?? this.#questionAt(url) ?? { kind: 'unknown' };
  }

  /** The directory names only where questions about certificates begin (RFC 9773 section 4.1). */
  #questionAt(url: string): Resource | undefined {
    const bases = [url.slice(0, url.lastIndexOf('/')), url.slice(0, url.lastIndexOf('/') + 1)];
    return bases.map((base) => this.#resources.get(base)).find((found) => found?.kind === 'renewalInfo');
  }

  /** Takes down a request with its answer, if there was one, and learns the URLs that the answer names. */
  note({ url }: Pick<HttpRequest, 'url'>, answer: HttpResponse | undefined): void {
    const resource = this.resourceAt(url);
    const body = bodyOf(answer);
    const names = namesOf(body) ?? resource.names;
    const problem = problemOf(answer, body);
    this.requests.push({
      kind: resource.kind,
      status: answer?.status ?? 0,
      ...(names !== undefined && { names }),
      ...(problem !== undefined && { problem }),
    });
    for (const [found, kind] of linksOf(resource.kind, body, answer?.headers.location)) {
      this.#resources.set(found, { kind, ...(names !== undefined && { names }) });
    }
  }

  /** Requests to one kind of resource, of all orders or of those for some names. */
  of(kind: string, domains?: readonly string[]): readonly SeenRequest[] {
    const names = domains === undefined ? undefined : namesKey(domains);
    return this.requests.filter((seen) => seen.kind === kind && (names === undefined || seen.names === names));
  }

  /** How many of them the CA granted. */
  granted(kind: string): number {
    return this.of(kind).filter(({ status }) => status >= 200 && status < 300).length;
  }

  byKind(): Readonly<Record<string, number>> {
    const counts: Record<string, number> = {};
    for (const { kind } of this.requests) counts[kind] = (counts[kind] ?? 0) + 1;
    return counts;
  }
}

function linksOf(kind: string, body: Fields, location: string | undefined): readonly (readonly [string, string])[] {
  if (kind === 'directory') return Object.entries(body).flatMap(([name, url]) => texts(url).map((one) => [one, name]));
  if (kind === 'newAccount') return texts(location).map((url) => [url, 'account']);
  if (kind === 'authorization') return listOf(body.challenges).flatMap((one) => linked(fieldsOf(one).url, 'challenge'));
  if (!ORDER_KINDS.includes(kind)) return [];
  return [
    ...(kind === 'newOrder' ? linked(location, 'order') : []),
    ...linked(body.finalize, 'finalize'),
    ...linked(body.certificate, 'certificate'),
    ...listOf(body.authorizations).flatMap((url) => linked(url, 'authorization')),
  ];
}

function linked(url: unknown, kind: string): readonly (readonly [string, string])[] {
  return texts(url).map((one) => [one, kind]);
}

function namesOf({ identifiers }: Fields): string | undefined {
  const values = listOf(identifiers).flatMap((identifier) => texts(fieldsOf(identifier).value));
  return values.length === 0 ? undefined : namesKey(values);
}

function problemOf(answer: HttpResponse | undefined, body: Fields): SeenRequest['problem'] {
  if (answer === undefined || answer.status < 400) return undefined;
  return { type: String(body.type).replace(PROBLEM_PREFIX, ''), detail: String(body.detail) };
}

function bodyOf(answer: HttpResponse | undefined): Fields {
  const isJson = /\bjson\b/.test(answer?.headers['content-type'] ?? '');
  return isJson ? fieldsOf(JSON.parse(answer?.body ?? '')) : {};
}

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function texts(value: unknown): readonly string[] {
  return typeof value === 'string' ? [value] : [];
}
