import type { Change } from '@aws-sdk/client-route-53';
import { awsErrorFacts } from '../core/aws-failure.ts';
import { StepFailure } from '../core/failure.ts';
import type { Patience } from './patience.ts';
import { type Route53Api, route53Failure } from './route53-api.ts';
import { changesFor, fitsBatch, isSameSet, type TxtEdit, type TxtSet, txtSetAmong } from './txt-set.ts';

/** Times the sets are read again after they turned out to be others than thought. */
const MOST_READS = 5;
/** What Route 53 says when a set is not what the change takes it for. */
const LOST_RACE = /already exists|was not found|do not match the current values/;

/** Where edits are carried out, and how long that may take. */
export type EditedZone = { readonly api: Route53Api; readonly zoneId: string; readonly patience: Patience };

/** An edit and the set it goes by, as last read or guessed. */
type Plan = { readonly edit: TxtEdit; readonly seen: TxtSet | undefined };

/** The names that were changed: by which change, and the TTL that their sets had before, in seconds. */
export type ChangedNames = ReadonlyMap<string, { readonly changeId: string; readonly ttl?: number }>;

/**
 * Carries out edits in one zone, in one batch unless Route 53's limits need more. The first try goes by a guess (`expected`),
 * right nearly always, so that most orders need no read at all; where another set is found, it is read and merged.
 *
 * @throws StepFailure `transient` when others were always faster or Route 53 was busy too long; `person` for what does not pass.
 */
export async function editTxtSets(
  zone: EditedZone,
  edits: readonly TxtEdit[],
  expected: (edit: TxtEdit) => TxtSet | undefined,
): Promise<ChangedNames> {
  const plans = edits.map((edit) => ({ edit, seen: expected(edit) }));
  return carryOut(zone, plans, 0);
}

async function carryOut(zone: EditedZone, plans: readonly Plan[], reads: number): Promise<ChangedNames> {
  const changing = plans.filter(({ edit, seen }) => changesFor(edit, seen).length > 0);
  const changes = changing.flatMap(({ edit, seen }) => changesFor(edit, seen));
  if (changes.length === 0) return new Map();
  if (!fitsBatch(changes)) return inHalves(zone, changing, reads);
  const outcome = await tryChange(zone, changing, changes);
  if ('changeId' in outcome) return changedBy(outcome.changeId, changing);
  const tired = reads === MOST_READS || (reads > 0 && !(await zone.patience.wait()));
  if (tired) throw alwaysLate(zone, changing, outcome.error);
  const read = await readAll(zone, changing);
  if (!LOST_RACE.test(outcome.message) && read.every((plan, at) => isSameSet(plan.seen, changing[at]?.seen))) {
    throw changeFailure(zone, changing, outcome.error);
  }
  return carryOut(zone, read, reads + 1);
}

function changedBy(changeId: string, plans: readonly Plan[]): ChangedNames {
  return new Map(
    plans.map(({ edit, seen }) => [edit.name, { changeId, ...(seen === undefined ? {} : { ttl: seen.ttl }) }]),
  );
}

async function inHalves(zone: EditedZone, plans: readonly Plan[], reads: number): Promise<ChangedNames> {
  const middle = Math.ceil(plans.length / 2);
  const first = await carryOut(zone, plans.slice(0, middle), reads);
  const second = await carryOut(zone, plans.slice(middle), reads);
  return new Map([...first, ...second]);
}

type Outcome = { readonly changeId: string } | { readonly error: unknown; readonly message: string };

async function tryChange(zone: EditedZone, plans: readonly Plan[], changes: readonly Change[]): Promise<Outcome> {
  try {
    return { changeId: await zone.api.change(zone.zoneId, changes, zone.patience) };
  } catch (error) {
    const { name, message } = awsErrorFacts(error);
    if (name === 'InvalidChangeBatch') return { error, message };
    throw changeFailure(zone, plans, error);
  }
}

/** One after the other: reads count against the account's ten requests a second as well. */
async function readAll({ api, zoneId, patience }: EditedZone, plans: readonly Plan[]): Promise<readonly Plan[]> {
  const read: Plan[] = [];
  for (const { edit } of plans) {
    try {
      read.push({ edit, seen: txtSetAmong(edit.name, await api.recordSetsAt(zoneId, edit.name, patience)) });
    } catch (error) {
      throw route53Failure(
        error,
        `Reading ${edit.name} in the hosted zone ${zoneId}`,
        allow('ListResourceRecordSets', zoneId),
      );
    }
  }
  return read;
}

function changeFailure({ zoneId }: EditedZone, plans: readonly Plan[], error: unknown): StepFailure {
  return route53Failure(
    error,
    changing(zoneId, plans),
    `${allow('ChangeResourceRecordSets', zoneId)} (CREATE and DELETE of TXT at these names)`,
  );
}

function alwaysLate({ zoneId }: EditedZone, plans: readonly Plan[], error: unknown): StepFailure {
  const message = `${changing(zoneId, plans)} failed: others changed the same record sets each time.`;
  return new StepFailure({ class: 'transient', code: 'InvalidChangeBatch', message }, { cause: error });
}

function changing(zoneId: string, plans: readonly Plan[]): string {
  return `Changing the TXT values of ${plans.map(({ edit }) => edit.name).join(', ')} in the hosted zone ${zoneId}`;
}

function allow(action: string, zoneId: string): string {
  return `route53:${action} on hostedzone/${zoneId}`;
}
