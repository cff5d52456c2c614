import type { HostedZone, ResourceRecordSet } from '@aws-sdk/client-route-53';
import { type RecordSet, type RecordSets, setKey } from './route53-batch.ts';
import { sortKey } from './route53-names.ts';

/** The record sets from an instant on. */
type Version = { readonly visibleAt: number; readonly sets: RecordSets };

/** A hosted zone: what the API shows at once, and what the name servers show once a change is in sync. */
export class Route53Zone {
  readonly id: string;
  /** Normalized. */
  readonly name: string;
  readonly isPrivate: boolean;
  readonly nameServers: readonly string[];
  #versions: readonly [Version, ...Version[]];

  constructor(id: string, name: string, isPrivate: boolean, nameServers: readonly string[]) {
    this.id = id;
    this.name = name;
    this.isPrivate = isPrivate;
    this.nameServers = nameServers;
    this.#versions = [{ visibleAt: Number.NEGATIVE_INFINITY, sets: firstSets(name, nameServers) }];
  }

  /** The record sets as the API has them now. */
  get sets(): RecordSets {
    return this.#versions[0].sets;
  }

  /** Replaces the record sets; name servers show them from `visibleAt` on. Milliseconds since the epoch. */
  change(sets: RecordSets, now: number, visibleAt: number): void {
    const firstShown = this.#versions.findIndex((version) => version.visibleAt <= now);
    this.#versions = [{ visibleAt, sets }, ...this.#versions.slice(0, firstShown + 1)];
  }

  /** The record sets as the name servers have them. */
  shownAt(now: number): RecordSets {
    return this.#versions.find((version) => version.visibleAt <= now)?.sets ?? this.sets;
  }

  /** In the order of ListResourceRecordSets. */
  sorted(): readonly RecordSet[] {
    const key = (set: RecordSet) => `${sortKey(set.name)} ${set.type}`;
    return [...this.sets.values()].sort((one, other) => (key(one) < key(other) ? -1 : 1));
  }

  describe(): HostedZone {
    return {
      Id: `/hostedzone/${this.id}`,
      Name: this.name,
      CallerReference: this.id,
      Config: { PrivateZone: this.isPrivate },
      ResourceRecordSetCount: this.sets.size,
    };
  }
}

export function describeSet(set: RecordSet): ResourceRecordSet {
  return { Name: set.name, Type: set.type, TTL: set.ttl, ResourceRecords: set.values.map((Value) => ({ Value })) };
}

/** https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/SOA-NSrecords.html */
function firstSets(name: string, nameServers: readonly string[]): RecordSets {
  const soa = `${nameServers[0]}. awsdns-hostmaster.amazon.com. 1 7200 900 1209600 86400`;
  const sets: RecordSet[] = [
    { name, type: 'SOA', ttl: 900, values: [soa] },
    { name, type: 'NS', ttl: 172_800, values: nameServers.map((server) => `${server}.`) },
  ];
  return new Map(sets.map((set) => [setKey(set), set]));
}
