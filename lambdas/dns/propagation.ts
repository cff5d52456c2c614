import { StepFailure } from '../core/failure.ts';
import type { Clock, MissingRecord, Propagation, PropagationLook } from '../core/ports.ts';
import { followAliases } from './aliases.ts';
import { Memory } from './memory.ts';
import { nameAndParents } from './names.ts';
import type { DnsResolver, TxtAnswer } from './resolver.ts';

/** How long NS sets and addresses are remembered; a run's next look may come from the same Lambda. Milliseconds. */
const REMEMBERED_MS = 60_000;

/** An authoritative server: how it is called, and where it is asked or why it cannot be. */
type Server = { readonly host: string } & ({ readonly address: string } | { readonly error: string });

type Wanted = { readonly name: string; readonly value: string };

/**
 * Propagation as a CA sees it: every authoritative server of the zone that holds the name is asked, never a cache. A server
 * that gives no answer counts as one that does not show the value.
 */
export function createPropagation({ resolver, clock }: { resolver: DnsResolver; clock: Clock }): Propagation {
  const nameServers = new Memory(clock, REMEMBERED_MS, (name) => nameServersAt(resolver, name));
  const addresses = new Memory(clock, REMEMBERED_MS, (host) => resolver.addresses(host));
  const serversOf = async (name: string) => {
    const hosts = await nameServersAbove(nameServers, name);
    return reachable((await Promise.all(hosts.map((host) => serversNamed(addresses, host)))).flat());
  };
  const lookAt = async (name: string, wanted: readonly Wanted[]): Promise<PropagationLook> => {
    const { end } = await followAliases(resolver, name);
    const { servers, passedBy } = await serversOf(end);
    const missing = await Promise.all(servers.map((server) => missingAt(resolver, server, end, wanted)));
    return { missing: missing.flat(), servers: { [name]: servers.length }, passedBy };
  };
  return {
    look: async (records) => {
      const byName = [...Map.groupBy(records, ({ name }) => name)];
      return asOne(await Promise.all(byName.map(([name, wanted]) => lookAt(name, wanted))));
    },
  };
}

function asOne(looks: readonly PropagationLook[]): PropagationLook {
  return {
    missing: looks.flatMap(({ missing }) => missing),
    servers: Object.assign({}, ...looks.map(({ servers }) => servers)),
    passedBy: [...new Set(looks.flatMap(({ passedBy }) => passedBy))],
  };
}

/** A name with a CNAME is no zone's own; a resolver would answer with the NS set of the CNAME's target. */
async function nameServersAt(resolver: DnsResolver, name: string): Promise<readonly string[]> {
  const alias = await resolver.alias(name);
  return alias === undefined ? resolver.nameServers(name) : [];
}

/** The NS set of the zone that holds the name: the first one found on the way up (RFC 1034 section 4.2). */
async function nameServersAbove(nameServers: Memory<readonly string[]>, name: string): Promise<readonly string[]> {
  for (const candidate of nameAndParents(name)) {
    const hosts = await nameServers.get(candidate);
    if (hosts.length > 0) return hosts;
  }
  const message = `DNS knows no zone that holds ${name}. Delegate its zone to its name servers at the registrar.`;
  throw new StepFailure({ class: 'person', code: 'zoneNotDelegated', message });
}

async function serversNamed(addresses: Memory<readonly string[]>, host: string): Promise<readonly Server[]> {
  try {
    const found = await addresses.get(host);
    return found.length === 0 ? [{ host, error: NO_ADDRESS }] : found.map((address) => ({ host, address }));
  } catch (error) {
    return [{ host, error: error instanceof StepFailure ? error.detail.message : String(error) }];
  }
}

/** A server that has IPv6 only cannot be asked from a Lambda; the others of its zone speak for it. */
function reachable(all: readonly Server[]): {
  readonly servers: readonly Server[];
  readonly passedBy: readonly string[];
} {
  const servers = all.filter((server) => !('error' in server) || server.error !== NO_ADDRESS);
  if (servers.length === 0) return { servers: all, passedBy: [] };
  return { servers, passedBy: all.filter((server) => !servers.includes(server)).map(({ host }) => host) };
}

async function missingAt(
  resolver: DnsResolver,
  server: Server,
  name: string,
  wanted: readonly Wanted[],
): Promise<readonly MissingRecord[]> {
  const answer: TxtAnswer = 'error' in server ? server : await resolver.txtAt(server.address, name);
  const called = 'error' in server ? server.host : `${server.host} (${server.address})`;
  const shown = 'values' in answer ? answer.values : [];
  const missing = wanted.filter(({ value }) => !shown.includes(value));
  const seen = { server: called, saw: describe(answer), silent: 'error' in answer };
  return missing.map(({ name: asked, value }) => ({ name: asked, value, ...seen }));
}

function describe(answer: TxtAnswer): string {
  if ('error' in answer) return REASONS[answer.error] ?? answer.error;
  return answer.values.length === 0 ? 'no TXT record' : answer.values.map((value) => `"${value}"`).join(', ');
}

const NO_ADDRESS = 'it has no IPv4 address';

/** node's codes in words; others are shown as they are. */
const REASONS: Readonly<Record<string, string>> = {
  ETIMEOUT: 'no answer in time',
  ECONNREFUSED: 'no answer: connection refused',
  ESERVFAIL: 'SERVFAIL',
  EREFUSED: 'REFUSED: it does not serve this zone',
};
