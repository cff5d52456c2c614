import type { DeclaredZones } from '../core/dns-zones.ts';
import { StepFailure } from '../core/failure.ts';
import type { Clock } from '../core/ports.ts';
import { Memory } from './memory.ts';
import { canonicalName, isWithin } from './names.ts';
import type { Patience } from './patience.ts';
import type { DnsResolver } from './resolver.ts';
import { bareId, type Route53Api, route53Failure } from './route53-api.ts';

/** How long the list of zones is remembered. Milliseconds. */
const REMEMBERED_MS = 60_000;
/** How long a zone's delegation set is, which never changes. Milliseconds. */
const SET_REMEMBERED_MS = 3_600_000;
const ALL = 'all';

type PublicZone = { readonly id: string; readonly name: string };

export type ZoneFinderParts = {
  readonly declared: DeclaredZones;
  readonly api: Route53Api;
  readonly resolver: Pick<DnsResolver, 'nameServers' | 'addresses'>;
  readonly clock: Clock;
  readonly patience: () => Patience;
};

/**
 * Finds the hosted zone a record belongs to: the longest declared one that holds the name, else among the account's the longest
 * public one that does, if DNS delegates to it, and the one delegated to where there are several.
 */
export class ZoneFinder {
  readonly #parts: ZoneFinderParts;
  readonly #zones: Memory<readonly PublicZone[]>;
  readonly #sets: Memory<readonly string[]>;

  constructor(parts: ZoneFinderParts) {
    this.#parts = parts;
    this.#zones = new Memory(parts.clock, REMEMBERED_MS, () => publicZones(parts));
    this.#sets = new Memory(parts.clock, SET_REMEMBERED_MS, (id) => delegationSet(parts.api, id, parts.patience()));
  }

  /** Whether the account is not searched, because every challenge should lie in a declared zone. */
  get lookOnlyAtDeclared(): boolean {
    return this.#parts.declared.only;
  }

  /**
   * Id of the zone, undefined when there is none.
   *
   * @throws StepFailure of class `person` when DNS delegates to none of the account's zones of that name, or to more than one.
   */
  async find(name: string): Promise<string | undefined> {
    const { zones: declared, only } = this.#parts.declared;
    const [mine] = longestHolding(declared, name);
    if (mine !== undefined || only) return mine?.zoneId;
    const asked = this.#parts.clock.now();
    const known = longestHolding(await this.#zones.get(ALL), name);
    // A zone may have been made since the list was read.
    const zones = known.length > 0 ? known : longestHolding(await this.#zones.fresh(ALL, asked), name);
    const [first, ...others] = zones;
    if (first === undefined) return undefined;
    return others.length > 0 ? this.#delegated(zones) : this.#inUse(first);
  }

  /** Its own id, where the name servers that DNS delegates to are those of the zone, by name or by address. */
  async #inUse({ id, name }: PublicZone): Promise<string> {
    const [live, set] = await Promise.all([this.#parts.resolver.nameServers(name), this.#sets.get(id)]);
    const isLive = set.length === 0 || set.some((server) => live.includes(server));
    if (isLive || (await this.#shareAddress(live, set))) return id;
    throw notDelegated(name, id, live, set);
  }

  /** Route 53's servers may have names of the user's own. */
  async #shareAddress(live: readonly string[], set: readonly string[]): Promise<boolean> {
    const addressesOf = async (hosts: readonly string[]) =>
      (await Promise.all(hosts.map((host) => this.#parts.resolver.addresses(host)))).flat();
    const own = live.length === 0 ? [] : await addressesOf(set);
    return own.length > 0 && (await addressesOf(live)).some((address) => own.includes(address));
  }

  async #delegated(zones: readonly PublicZone[]): Promise<string> {
    const { resolver } = this.#parts;
    const zoneName = zones[0]?.name ?? '';
    const live = await resolver.nameServers(zoneName);
    const inUse: string[] = [];
    for (const { id } of zones) {
      const set = await this.#sets.get(id);
      if (set.some((server) => live.includes(server))) inUse.push(id);
    }
    const [only] = inUse;
    if (only === undefined || inUse.length > 1) throw ambiguous(zoneName, zones, live);
    return only;
  }
}

async function publicZones({ api, patience }: ZoneFinderParts): Promise<readonly PublicZone[]> {
  try {
    const zones = await api.zones(patience());
    const open = zones.filter((zone) => zone.Config?.PrivateZone !== true);
    return open.map((zone) => ({ id: bareId(zone.Id), name: canonicalName(zone.Name ?? '') }));
  } catch (error) {
    throw route53Failure(error, 'Listing the hosted zones', 'route53:ListHostedZonesByName on *');
  }
}

async function delegationSet(api: Route53Api, id: string, patience: Patience): Promise<readonly string[]> {
  try {
    return await api.delegationSet(id, patience);
  } catch (error) {
    throw route53Failure(error, `Reading the hosted zone ${id}`, `route53:GetHostedZone on hostedzone/${id}`);
  }
}

function longestHolding<Zone extends { readonly name: string }>(zones: readonly Zone[], name: string): readonly Zone[] {
  const holding = zones.filter((zone) => isWithin(name, zone.name));
  const longest = Math.max(...holding.map((zone) => zone.name.length));
  return holding.filter((zone) => zone.name.length === longest);
}

function notDelegated(name: string, id: string, live: readonly string[], set: readonly string[]): StepFailure {
  const message =
    `The hosted zone ${name} (${id}) exists but is not delegated here: DNS delegates ${name} to ${live.length > 0 ? live.join(', ') : 'no name server'}, ` +
    `and the zone's are ${set.join(', ')}. Correct the delegation at the registrar or in the zone above, or delete the zone.`;
  return new StepFailure({ class: 'person', code: 'zoneNotDelegated', message });
}

function ambiguous(name: string, zones: readonly PublicZone[], live: readonly string[]): StepFailure {
  const ids = zones.map((zone) => zone.id).join(', ');
  const servers = live.length > 0 ? live.join(', ') : 'no name server';
  const message =
    `The account has several public hosted zones ${name} (${ids}), and DNS delegates ${name} to ${servers}, which ` +
    'does not single out one of them. Delete the zones that are not in use, or correct the delegation at the registrar.';
  return new StepFailure({ class: 'person', code: 'ambiguousHostedZone', message });
}
