import { Resolver } from 'node:dns/promises';
import { StepFailure } from '../core/failure.ts';
import { canonicalName } from './names.ts';

/** A try at a recursive resolver, which may have to ask others first; node doubles the time at each of the tries. */
const RECURSIVE = { timeout: 2000, tries: 3 } as const;
/** 4.5 seconds in all for a server that is dead: its zone's others are asked at the same time, and a step has a minute. */
const AUTHORITATIVE = { timeout: 1500, tries: 2 } as const;

/** The name or the record does not exist: an answer, not a failure. */
const ABSENT: readonly string[] = ['ENOTFOUND', 'ENODATA'];

/** What one server says of a name: its TXT values, or why it has said nothing. */
export type TxtAnswer = { readonly values: readonly string[] } | { readonly error: string };

/** DNS questions as Perennial asks them. Names are lower case without trailing dot. */
export interface DnsResolver {
  /** Where the CNAME at the name points; undefined where there is none. Throws a transient StepFailure without an answer. */
  alias(name: string): Promise<string | undefined>;
  /** The NS set at a name; empty where no zone begins. Throws a transient StepFailure without an answer. */
  nameServers(name: string): Promise<readonly string[]>;
  /** Addresses of a name server's host, `ip` or `ip:port`. Throws a transient StepFailure without an answer. */
  addresses(host: string): Promise<readonly string[]>;
  /** Asks one server, `ip` or `ip:port`, without recursion through others: over UDP, and over TCP where truncated. */
  txtAt(server: string, name: string): Promise<TxtAnswer>;
}

export type ResolverSettings = {
  /** Addresses of name servers by host, `ip` or `ip:port`; `*` stands for every other host. The DNS's own when absent. */
  readonly nameServers?: Readonly<Record<string, string>> | undefined;
  /** Recursive resolvers, `ip` or `ip:port`. The system's when absent or empty. */
  readonly resolvers?: readonly string[] | undefined;
  /** First timeout, milliseconds, and tries at an authoritative server; by default 1.5 s, twice. */
  readonly authoritative?: { readonly timeout: number; readonly tries: number };
};

/** DNS by node's own resolver. */
export function createResolver(settings: ResolverSettings): DnsResolver {
  const { nameServers = {}, resolvers = [], authoritative = AUTHORITATIVE } = settings;
  const recursive = new Resolver(RECURSIVE);
  if (resolvers.length > 0) recursive.setServers(resolvers);
  return {
    alias: async (name) => {
      const [target] = await answered('CNAME', name, () => recursive.resolveCname(name));
      return target === undefined ? undefined : canonicalName(target);
    },
    nameServers: async (name) =>
      (await answered('NS', name, () => recursive.resolveNs(name))).map(canonicalName).sort(),
    addresses: async (host) => {
      const configured = nameServers[host] ?? nameServers['*'];
      if (configured !== undefined) return [configured];
      // Lambda reaches no IPv6 address outside a VPC, so those are not asked for.
      return answered('A', host, () => recursive.resolve4(host));
    },
    txtAt: (server, name) => txtAt(new Resolver(authoritative), server, name),
  };
}

async function txtAt(asked: Resolver, server: string, name: string): Promise<TxtAnswer> {
  try {
    asked.setServers([server]);
    const records = await asked.resolveTxt(name);
    return { values: records.map((strings) => strings.join('')) };
  } catch (error) {
    const code = codeOf(error);
    return ABSENT.includes(code) ? { values: [] } : { error: code };
  }
}

async function answered(type: string, name: string, ask: () => Promise<readonly string[]>): Promise<readonly string[]> {
  try {
    return await ask();
  } catch (error) {
    const code = codeOf(error);
    if (ABSENT.includes(code)) return [];
    throw lookupFailure(type, name, code, error);
  }
}

/** A recursive resolver has given no answer; `code` is node's. */
export function lookupFailure(type: string, name: string, code: string, cause: unknown): StepFailure {
  const remedy = code === 'ESERVFAIL' ? ` ${SERVFAIL_REMEDY}` : '';
  const message = `Asking DNS for ${type} of ${name} failed: ${code}.${remedy}`;
  return new StepFailure({ class: 'transient', code: 'dnsLookupFailed', message }, { cause });
}

/** RFC 4035 section 5.5: what does not validate is SERVFAIL, as at the resolvers of a CA. */
const SERVFAIL_REMEDY =
  "Where that stays so, the zone's name servers fail or its DNSSEC does not hold: compare the DS records at the registrar with the zone's keys.";

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}
