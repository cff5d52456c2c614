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
const ALL = 'all';

type PublicZone = { readonly id: string; readonly name: string };

export type ZoneFinderParts = {
  readonly declared: DeclaredZones;
  readonly api: Route53Api;
  readonly resolver: Pick<DnsResolver, 'nameServers'>;
  readonly clock: Clock;
  readonly patience: () => Patience;
};

/**
 * Finds the hosted zone a record belongs to: the longest declared one that holds the name, else among the account's the longest
 * public one that does, and the one delegated to where there are several.
 */
export class ZoneFinder {
  readonly #parts: ZoneFinderParts;
  readonly #zones: Memory<readonly PublicZone[]>;

  constructor(parts: ZoneFinderParts) {
    this.#parts = parts;
    this.#zones = new Memory(parts.clock, REMEMBERED_MS, () => publicZones(parts));
  }

  /** Whether the account is not searched, because every challenge should lie in a declared zone. */
  get lookOnlyAtDeclared(): boolean {
    return this.#parts.declared.only;
  }

  /**
   * Id of the zone, undefined when there is none.
   *
   * @throws StepFailure of class `person` when several zones of that name exist and DNS does not tell which one is in use.
   */
  async find(name: string): Promise<string | undefined> {
    const { zones: declared, only } = this.#parts.declared;
    const [mine] = longestHolding(declared, name);
    if (mine !== undefined || only) return mine?.zoneId;
    const asked = this.#parts.clock.now();
    const known = longestHolding(await this.#zones.get(ALL), name);
    // A zone may have been made since the list was read.
    const zones = known.length > 0 ? known : longestHolding(await this.#zones.fresh(ALL, asked), name);
    return zones.length > 1 ? this.#delegated(zones) : zones[0]?.id;
  }

  async #delegated(zones: readonly PublicZone[]): Promise<string> {
    const { api, resolver, patience } = this.#parts;
    const zoneName = zones[0]?.name ?? '';
    const live = await resolver.nameServers(zoneName);
    const waiting = patience();
    const inUse: string[] = [];
    for (const { id } of zones) {
      const set = await delegationSet(api, id, waiting);
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

function ambiguous(name: string, zones: readonly PublicZone[], live: readonly string[]): StepFailure {
  const ids = zones.map((zone) => zone.id).join(', ');
  const servers = live.length > 0 ? live.join(', ') : 'no name server';
  const message =
    `The account has several public hosted zones ${name} (${ids}), and DNS delegates ${name} to ${servers}, which ` +
    'does not single out one of them. Delete the zones that are not in use, or correct the delegation at the registrar.';
  return new StepFailure({ class: 'person', code: 'ambiguousHostedZone', message });
}
