import type { Route53Client } from '@aws-sdk/client-route-53';
import { awsErrorFacts } from '../core/aws-failure.ts';
import type { AssumableRole, DeclaredZones } from '../core/dns-zones.ts';
import { StepFailure } from '../core/failure.ts';
import type { ChallengeLocation, ChallengeRecord, Clock, DnsPublisher, Publication } from '../core/ports.ts';
import { type AliasChain, describeChain, followAliases } from './aliases.ts';
import { Patience } from './patience.ts';
import type { DnsResolver } from './resolver.ts';
import { type Route53Api, route53Failure } from './route53-api.ts';
import { editTxtSets } from './txt-edits.ts';
import { OWN_TTL, ownSet, type TxtEdit } from './txt-set.ts';
import { ZoneApis } from './zone-apis.ts';
import { ZoneFinder } from './zones.ts';

/** Waits of one call in all, so that what comes before and after it fits into a Lambda of 60 s too. Milliseconds. */
const PATIENCE_MS = 20_000;

export type Route53PublisherParts = {
  readonly client: Route53Client;
  /** A client in the name of a role of another account. */
  readonly clientAs: (role: AssumableRole) => Route53Client;
  readonly declared: DeclaredZones;
  readonly resolver: Pick<DnsResolver, 'alias' | 'nameServers' | 'addresses'>;
  readonly clock: Clock;
  /** Uniform in [0, 1): jitter. */
  readonly random: () => number;
};

/**
 * Publishes challenge values in Route 53. Every write is a compare-and-swap on the whole record set (DELETE of the set as it
 * was seen, CREATE of the next one), so parallel runs and other tools lose nothing.
 * https://docs.aws.amazon.com/Route53/latest/APIReference/API_ChangeResourceRecordSets.html
 */
export function createRoute53Publisher(parts: Route53PublisherParts): DnsPublisher {
  const { declared, resolver, clock, random } = parts;
  const apis = new ZoneApis(parts.client, parts.clientAs, declared);
  const patience = () => new Patience(clock, random, PATIENCE_MS);
  const zones = new ZoneFinder({ api: apis.own, declared, resolver, clock, patience });
  return {
    locate: async (challengeName) => locate(zones, await followAliases(resolver, challengeName)),
    publish: async (records) => {
      const waiting = patience();
      const changed = new Map<string, Omit<Publication, 'record'>>();
      for (const [zoneId, own] of byZone(records)) {
        const edits = editsOf(own, (values) => ({ add: values, drop: [] }));
        const names = await editTxtSets({ api: apis.of(zoneId), zoneId, patience: waiting }, edits, () => undefined);
        for (const [name, { changeId, ttl = OWN_TTL }] of names) {
          const foreign = ttl > OWN_TTL ? { foreignTtl: ttl } : {};
          changed.set(placeOf({ name, zoneId }), { changeId: apis.changeIdIn(zoneId, changeId), ...foreign });
        }
      }
      return records.map((record) => ({ record, ...changed.get(placeOf(record)) }));
    },
    inSync: (changeIds) => areInSync(apis, changeIds, patience()),
    remove: async (records) => {
      const waiting = patience();
      const outcomes: PromiseSettledResult<void>[] = [];
      // What fails in one zone must not keep values in the others.
      for (const [zoneId, own] of byZone(records)) {
        const edits = editsOf(own, (values) => ({ add: [], drop: values }));
        const edit = () =>
          editTxtSets({ api: apis.of(zoneId), zoneId, patience: waiting }, edits, ({ drop }) => ownSet(drop));
        outcomes.push(...(await Promise.allSettled([unlessZoneIsGone(edit)])));
      }
      throwFirst(outcomes);
    },
  };
}

async function locate(zones: ZoneFinder, { end, names }: AliasChain): Promise<ChallengeLocation> {
  const zoneId = await zones.find(end);
  if (zoneId === undefined) throw zones.lookOnlyAtDeclared ? noDeclaredZone(end, names) : noZone(end, names);
  return { name: end, zoneId };
}

function noZone(end: string, names: readonly string[]): StepFailure {
  const message =
    names.length > 1
      ? `The CNAME chain ${describeChain(names)} ends at a name that no public hosted zone of this account holds. ` +
        'Let it point into a public hosted zone of this account, or create the zone.'
      : `No public hosted zone of this account holds ${end}. Create the zone of its domain in Route 53, or let ${end} ` +
        'be a CNAME into a public hosted zone of this account.';
  return new StepFailure({ class: 'person', code: 'noHostedZone', message });
}

function noDeclaredZone(end: string, names: readonly string[]): StepFailure {
  const message =
    `${names.length > 1 ? `The CNAME chain ${describeChain(names)} ends at` : 'The challenge belongs at'} ${end}, which is ` +
    'in no zone that the configuration declares. Add its zone to dns.zones, its name to dns.delegations unless it begins ' +
    'with _acme-challenge, and deploy.';
  return new StepFailure({ class: 'person', code: 'noHostedZone', message });
}

function byZone(records: readonly ChallengeRecord[]): ReadonlyMap<string, readonly ChallengeRecord[]> {
  return Map.groupBy(records, (record) => record.zoneId);
}

function placeOf({ name, zoneId }: ChallengeLocation): string {
  return `${zoneId} ${name}`;
}

function throwFirst(outcomes: readonly PromiseSettledResult<void>[]): void {
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
}

/** Apex and wildcard have one name: one edit a name. */
function editsOf(
  records: readonly ChallengeRecord[],
  edit: (values: readonly string[]) => Omit<TxtEdit, 'name'>,
): readonly TxtEdit[] {
  const byName = Map.groupBy(records, (record) => record.name);
  return [...byName].map(([name, own]) => ({ name, ...edit([...new Set(own.map((record) => record.value))]) }));
}

async function unlessZoneIsGone(edit: () => Promise<unknown>): Promise<void> {
  try {
    await edit();
  } catch (error) {
    const isGone = error instanceof StepFailure && error.detail.code === 'NoSuchHostedZone';
    if (!isGone) throw error;
  }
}

async function areInSync(apis: ZoneApis, changeIds: readonly string[], patience: Patience): Promise<boolean> {
  for (const id of new Set(changeIds)) {
    const { api, changeId } = apis.changeOf(id);
    if (!(await isInSync(api, changeId, patience))) return false;
  }
  return true;
}

async function isInSync(api: Route53Api, id: string, patience: Patience): Promise<boolean> {
  try {
    return await api.isInSync(id, patience);
  } catch (error) {
    // Route 53 forgets changes after a time; whether the servers show the value is looked at in any case.
    if (awsErrorFacts(error).name === 'NoSuchChange') return true;
    throw route53Failure(error, `Reading the change ${id}`, `route53:GetChange on change/${id}`);
  }
}
