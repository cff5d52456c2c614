import type { Change, ResourceRecordSet } from '@aws-sdk/client-route-53';
import { AwsFault } from './fault.ts';
import { isInZone, normalizedName } from './route53-names.ts';
import { RECORD_TYPES, type RecordType, valueProblem } from './route53-values.ts';
import { expectFields } from './strict-input.ts';

/** https://docs.aws.amazon.com/Route53/latest/APIReference/API_ChangeResourceRecordSets.html */
const MOST_RECORDS = 1000;
const MOST_CHARACTERS = 32_000;
/** https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DNSLimitations.html */
const MOST_VALUES_OF_A_SET = 400;

/** A record set as the zone holds it; name normalized, values verbatim. */
export type RecordSet = {
  readonly name: string;
  readonly type: RecordType;
  readonly ttl: number;
  readonly values: readonly string[];
};

/** Record sets by {@link setKey}; never changed in place. */
export type RecordSets = ReadonlyMap<string, RecordSet>;

export const setKey = (set: Pick<RecordSet, 'name' | 'type'>): string => `${set.name} ${set.type}`;

type ReadChange = { readonly action: 'CREATE' | 'DELETE' | 'UPSERT'; readonly set: RecordSet };

/**
 * The zone's record sets after a change batch: all of its changes or none, in their order.
 *
 * @throws AwsFault `InvalidChangeBatch` with a message for each change that is refused, as AWS words it; `InvalidInput`.
 */
export function applyBatch(zone: string, before: RecordSets, changes: readonly Change[]): RecordSets {
  if (changes.length === 0) throw new AwsFault('InvalidInput', 'The change batch is empty.');
  const read = changes.map(readChange);
  const after = new Map(before);
  const problems = [...limitProblems(read), ...read.flatMap((change) => applyChange(zone, after, change))];
  problems.push(...zoneProblems(zone, after));
  if (problems.length > 0) throw new AwsFault('InvalidChangeBatch', `[${problems.join(', ')}]`);
  return after;
}

function readChange(change: Change): ReadChange {
  const { Action, ResourceRecordSet } = expectFields<Change>(change, ['Action', 'ResourceRecordSet']);
  if (Action === undefined || ResourceRecordSet === undefined) {
    throw new AwsFault('InvalidInput', 'A change needs Action and ResourceRecordSet.');
  }
  return { action: Action, set: readSet(ResourceRecordSet) };
}

/** Simple record sets only: a fake that took routing policies or aliases would have to enforce their rules. */
function readSet(input: ResourceRecordSet): RecordSet {
  const { Name, Type, TTL, ResourceRecords } = expectFields<ResourceRecordSet>(input, [
    'Name',
    'Type',
    'TTL',
    'ResourceRecords',
  ]);
  if (Name === undefined || !isRecordType(Type))
    throw new Error(`This fake does not know record sets of type ${Type}.`);
  const values = (ResourceRecords ?? []).map((record) => record.Value ?? '');
  if (TTL === undefined || TTL < 0 || TTL > 2_147_483_647 || values.length === 0) {
    throw new AwsFault('InvalidInput', `Invalid XML: ${Name} ${Type} needs a TTL and at least one ResourceRecord.`);
  }
  return { name: normalizedName(Name), type: Type, ttl: TTL, values };
}

function isRecordType(type: string | undefined): type is RecordType {
  return type !== undefined && RECORD_TYPES.includes(type);
}

function limitProblems(changes: readonly ReadChange[]): string[] {
  const weigh = (weight: (set: RecordSet) => number) =>
    changes.reduce((sum, { action, set }) => sum + weight(set) * (action === 'UPSERT' ? 2 : 1), 0);
  const problems: string[] = [];
  if (weigh((set) => set.values.length) > MOST_RECORDS)
    problems.push(`Number of records limit of ${MOST_RECORDS} exceeded.`);
  if (weigh((set) => set.values.join('').length) > MOST_CHARACTERS) {
    problems.push(`Number of characters limit of ${MOST_CHARACTERS} exceeded.`);
  }
  return problems;
}

/** Carries out one change, or says why not. */
function applyChange(zone: string, sets: Map<string, RecordSet>, { action, set }: ReadChange): string[] {
  const problems = setProblems(zone, set);
  if (problems.length > 0) return problems;
  const key = setKey(set);
  const current = sets.get(key);
  const named = `resource record set [name='${set.name}', type='${set.type}']`;
  if (action === 'CREATE' && current) return [`Tried to create ${named} but it already exists`];
  if (action === 'DELETE' && !current) return [`Tried to delete ${named} but it was not found`];
  if (action === 'DELETE' && current && !isSame(current, set)) {
    return [`Tried to delete ${named} but the values provided do not match the current values`];
  }
  if (action === 'DELETE') sets.delete(key);
  else sets.set(key, set);
  return [];
}

function setProblems(zone: string, set: RecordSet): string[] {
  if (!isInZone(set.name, zone)) return [`RRSet with DNS name ${set.name} is not permitted in zone ${zone}`];
  if (set.values.length > MOST_VALUES_OF_A_SET) {
    return [`RRSet with DNS name ${set.name}, type ${set.type} has more than ${MOST_VALUES_OF_A_SET} resource records`];
  }
  const twice = set.values.filter((value, at) => set.values.indexOf(value) !== at);
  const invalid = set.values.flatMap((value) => valueProblem(set.type, value) ?? []);
  return [...twice.map((value) => `Duplicate Resource Record: '${value}'`), ...invalid];
}

function isSame(one: RecordSet, other: RecordSet): boolean {
  const sorted = (set: RecordSet) => [...set.values].sort().join('\n');
  return one.ttl === other.ttl && sorted(one) === sorted(other);
}

/** What a zone must be after every batch. */
function zoneProblems(zone: string, sets: RecordSets): string[] {
  const aliases = [...sets.values()].filter((set) => set.type === 'CNAME');
  const problems = aliases.flatMap((alias) => aliasProblems(zone, sets, alias));
  if (!sets.has(setKey({ name: zone, type: 'SOA' })))
    problems.push('A HostedZone must contain exactly one SOA record.');
  if (!sets.has(setKey({ name: zone, type: 'NS' }))) {
    problems.push('A HostedZone must contain at least one NS record for the zone itself.');
  }
  return problems;
}

function aliasProblems(zone: string, sets: RecordSets, alias: RecordSet): string[] {
  const { name, values } = alias;
  if (name === zone) return [`RRSet of type CNAME with DNS name ${name} is not permitted at apex in zone ${zone}`];
  if (values.length > 1) return [`RRSet of type CNAME with DNS name ${name} has more than one resource record`];
  const others = RECORD_TYPES.filter((type) => type !== 'CNAME' && sets.has(`${name} ${type}`));
  return others.map(
    (type) =>
      `RRSet of type ${type} with DNS name ${name} is not permitted because a conflicting RRSet of type CNAME with the same DNS name already exists in zone ${zone}`,
  );
}
