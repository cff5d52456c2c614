import type {
  ChangeInfo,
  ChangeResourceRecordSetsRequest,
  ChangeResourceRecordSetsResponse,
  GetChangeRequest,
  GetChangeResponse,
  GetHostedZoneRequest,
  GetHostedZoneResponse,
  ListHostedZonesByNameRequest,
  ListHostedZonesByNameResponse,
  ListHostedZonesRequest,
  ListHostedZonesResponse,
  ListResourceRecordSetsRequest,
  ListResourceRecordSetsResponse,
} from '@aws-sdk/client-route-53';
import { AwsFault } from './fault.ts';
import { applyBatch } from './route53-batch.ts';
import { normalizedName, sortKey } from './route53-names.ts';
import { describeSet, Route53Zone } from './route53-zone.ts';
import type { FakeAccount } from './seam.ts';
import { expectFields } from './strict-input.ts';

/** Most zones and most record sets a page holds. */
const ZONE_PAGE = 100;
const RECORD_PAGE = 300;

/** What a {@link Route53Account} is. */
export type Route53AccountOptions = {
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Delegation set of every zone that gets none of its own; by default each zone has four of its own. */
  readonly nameServers?: readonly string[];
  /** How long a change stays PENDING, milliseconds. Default 30,000: AWS says usually below a minute. */
  readonly insyncAfterMs?: number;
  /** Zones that other accounts have made before, so that no id is given twice. Default 0. */
  readonly firstZone?: number;
};

export type Route53ZoneOptions = { readonly isPrivate?: boolean; readonly nameServers?: readonly string[] };

type Submitted = { readonly id: string; readonly at: number };

/**
 * Route 53 as documented, strictly: transactional change batches, exact-value DELETE, CREATE only of what is not there, limits,
 * value rules, paging, PENDING before INSYNC. Record sets are simple ones; any other operation or field throws.
 * https://docs.aws.amazon.com/Route53/latest/APIReference/Welcome.html
 */
export class Route53Account implements FakeAccount {
  readonly #now: () => number;
  readonly #nameServers: readonly string[] | undefined;
  readonly #insyncAfterMs: number;
  readonly #zones = new Map<string, Route53Zone>();
  readonly #changes = new Map<string, Submitted>();
  #zonesMade: number;

  constructor({ now, nameServers, insyncAfterMs = 30_000, firstZone = 0 }: Route53AccountOptions) {
    this.#zonesMade = firstZone;
    this.#now = now;
    this.#nameServers = nameServers;
    this.#insyncAfterMs = insyncAfterMs;
  }

  /** Makes a zone with its SOA and NS records; its id, without `/hostedzone/`. Several zones may have one name. */
  createZone(name: string, { isPrivate = false, nameServers }: Route53ZoneOptions = {}): string {
    this.#zonesMade += 1;
    const number = this.#zonesMade;
    const id = `Z${String(number).padStart(13, '0')}`;
    const own = ['com', 'net', 'org', 'co.uk'].map((end, at) => `ns-${4 * number + at}.awsdns-${number}.${end}`);
    this.#zones.set(id, new Route53Zone(id, normalizedName(name), isPrivate, nameServers ?? this.#nameServers ?? own));
    return id;
  }

  /** Removes a zone with all its records, as somebody else might at any moment. */
  deleteZone(id: string): void {
    this.#zone(id);
    this.#zones.delete(id);
  }

  /** All zones, also private ones. */
  get zones(): readonly Route53Zone[] {
    return [...this.#zones.values()];
  }

  /** The account's clock. Milliseconds since the epoch. */
  now(): number {
    return this.#now();
  }

  async call(operation: string, input: Readonly<Record<string, unknown>>): Promise<object> {
    switch (operation) {
      case 'ListHostedZones':
        return this.#listHostedZones(expectFields<ListHostedZonesRequest>(input, ['Marker', 'MaxItems']));
      case 'ListHostedZonesByName':
        return this.#listHostedZonesByName(
          expectFields<ListHostedZonesByNameRequest>(input, ['DNSName', 'HostedZoneId', 'MaxItems']),
        );
      case 'GetHostedZone':
        return this.#getHostedZone(expectFields<GetHostedZoneRequest>(input, ['Id']));
      case 'ListResourceRecordSets':
        return this.#listResourceRecordSets(
          expectFields<ListResourceRecordSetsRequest>(input, [
            'HostedZoneId',
            'StartRecordName',
            'StartRecordType',
            'MaxItems',
          ]),
        );
      case 'ChangeResourceRecordSets':
        return this.#changeResourceRecordSets(
          expectFields<ChangeResourceRecordSetsRequest>(input, ['HostedZoneId', 'ChangeBatch']),
        );
      case 'GetChange':
        return this.#getChange(expectFields<GetChangeRequest>(input, ['Id']));
      default:
        throw new Error(`This fake Route 53 has no operation ${operation}.`);
    }
  }

  #listHostedZones({ Marker, MaxItems }: ListHostedZonesRequest): ListHostedZonesResponse {
    const zones = this.zones;
    const first = Marker === undefined ? 0 : zones.findIndex((zone) => zone.id === bareId(Marker));
    if (first < 0) throw new AwsFault('InvalidInput', `The marker ${Marker} is not valid.`);
    const { page, next, size } = pageOf(zones, first, MaxItems, ZONE_PAGE);
    return {
      HostedZones: page.map((zone) => zone.describe()),
      Marker,
      IsTruncated: next !== undefined,
      ...(next && { NextMarker: next.id }),
      MaxItems: size,
    };
  }

  #listHostedZonesByName(request: ListHostedZonesByNameRequest): ListHostedZonesByNameResponse {
    const { DNSName, HostedZoneId, MaxItems } = request;
    if (HostedZoneId !== undefined && DNSName === undefined) {
      throw new AwsFault('InvalidInput', 'HostedZoneId needs DNSName.');
    }
    const key = (zone: { name: string; id: string }) => `${sortKey(zone.name)} ${zone.id}`;
    const zones = [...this.zones].sort((one, other) => (key(one) < key(other) ? -1 : 1));
    const start = DNSName === undefined ? '' : key({ name: normalizedName(DNSName), id: bareId(HostedZoneId ?? '') });
    const first = zones.findIndex((zone) => key(zone) >= start);
    const { page, next, size } = pageOf(zones, first < 0 ? zones.length : first, MaxItems, ZONE_PAGE);
    return {
      HostedZones: page.map((zone) => zone.describe()),
      DNSName,
      HostedZoneId,
      IsTruncated: next !== undefined,
      ...(next && { NextDNSName: next.name, NextHostedZoneId: next.id }),
      MaxItems: size,
    };
  }

  #getHostedZone({ Id }: GetHostedZoneRequest): GetHostedZoneResponse {
    const zone = this.#zone(Id);
    if (zone.isPrivate) return { HostedZone: zone.describe(), VPCs: [{ VPCId: 'vpc-0', VPCRegion: 'us-east-1' }] };
    return { HostedZone: zone.describe(), DelegationSet: { NameServers: [...zone.nameServers] } };
  }

  #listResourceRecordSets(request: ListResourceRecordSetsRequest): ListResourceRecordSetsResponse {
    const { HostedZoneId, StartRecordName, StartRecordType, MaxItems } = request;
    const zone = this.#zone(HostedZoneId);
    if (StartRecordType !== undefined && StartRecordName === undefined) {
      throw new AwsFault('InvalidInput', 'A record type as start needs a record name.');
    }
    const start =
      StartRecordName === undefined ? '' : `${sortKey(normalizedName(StartRecordName))} ${StartRecordType ?? ''}`;
    const sets = zone.sorted();
    const first = sets.findIndex((set) => `${sortKey(set.name)} ${set.type}` >= start);
    const { page, next, size } = pageOf(sets, first < 0 ? sets.length : first, MaxItems, RECORD_PAGE);
    return {
      ResourceRecordSets: page.map(describeSet),
      IsTruncated: next !== undefined,
      ...(next && { NextRecordName: next.name, NextRecordType: next.type }),
      MaxItems: size,
    };
  }

  #changeResourceRecordSets(request: ChangeResourceRecordSetsRequest): ChangeResourceRecordSetsResponse {
    const zone = this.#zone(request.HostedZoneId);
    const now = this.#now();
    const after = applyBatch(zone.name, zone.sets, request.ChangeBatch?.Changes ?? []);
    zone.change(after, now, now + this.#insyncAfterMs);
    const id = `C${String(this.#changes.size + 1).padStart(13, '0')}`;
    const change = { id, at: now };
    this.#changes.set(id, change);
    return { ChangeInfo: this.#describeChange(change) };
  }

  #getChange({ Id }: GetChangeRequest): GetChangeResponse {
    const change = this.#changes.get(bareId(Id ?? ''));
    if (change === undefined) throw new AwsFault('NoSuchChange', `Could not find resource with ID: ${Id}`, 404);
    return { ChangeInfo: this.#describeChange(change) };
  }

  #describeChange({ id, at }: Submitted): ChangeInfo {
    const isInSync = this.#now() >= at + this.#insyncAfterMs;
    return { Id: `/change/${id}`, Status: isInSync ? 'INSYNC' : 'PENDING', SubmittedAt: new Date(at) };
  }

  #zone(id: string | undefined): Route53Zone {
    const zone = this.#zones.get(bareId(id ?? ''));
    if (zone === undefined) throw new AwsFault('NoSuchHostedZone', `No hosted zone found with ID: ${id}`, 404);
    return zone;
  }
}

/** Ids are accepted with and without their path, `/hostedzone/Z1` or `Z1`. */
function bareId(id: string): string {
  return id.slice(id.lastIndexOf('/') + 1);
}

function pageOf<Item>(items: readonly Item[], first: number, asked: number | undefined, most: number) {
  const size = Math.min(asked ?? most, most);
  if (size < 1) throw new AwsFault('InvalidInput', `MaxItems must be at least 1, not ${asked}.`);
  return { page: items.slice(first, first + size), next: items[first + size], size };
}
