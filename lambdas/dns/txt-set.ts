import type { Change, ChangeAction, ResourceRecordSet } from '@aws-sdk/client-route-53';
import { StepFailure } from '../core/failure.ts';
import { decodeTxt, encodeTxt } from './challenge-values.ts';

/** Short, because the set changes with every order. Seconds. */
export const OWN_TTL = 60;
/** https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DNSLimitations.html */
const MOST_VALUES_OF_A_SET = 400;
/** https://docs.aws.amazon.com/Route53/latest/APIReference/API_ChangeResourceRecordSets.html */
const MOST_RECORDS_OF_A_BATCH = 1000;
const MOST_CHARACTERS_OF_A_BATCH = 32_000;

/** What is to change at a name: texts to have, or to have no more. */
export type TxtEdit = { readonly name: string; readonly add: readonly string[]; readonly drop: readonly string[] };

/** A TXT record set as Route 53 lists it; values verbatim, as a DELETE must repeat them. */
export type TxtSet = { readonly ttl: number; readonly values: readonly string[] };

/** The set that holds nothing but these texts, as Perennial creates it; undefined for none. */
export function ownSet(texts: readonly string[]): TxtSet | undefined {
  return texts.length === 0 ? undefined : { ttl: OWN_TTL, values: texts.map(encodeTxt) };
}

/**
 * The TXT set among the record sets at a name.
 *
 * @throws StepFailure of class `person` where no TXT set can be: beside a CNAME, or one that has a routing policy.
 */
export function txtSetAmong(name: string, sets: readonly ResourceRecordSet[]): TxtSet | undefined {
  if (sets.some((set) => set.Type === 'CNAME')) {
    throw blocked(
      name,
      'is a CNAME in its hosted zone, so no TXT record can stand beside it. Remove the CNAME, or wait until DNS shows it.',
    );
  }
  const txt = sets.filter((set) => set.Type === 'TXT');
  if (txt.some((set) => set.SetIdentifier !== undefined)) {
    throw blocked(name, 'has TXT record sets with a routing policy. Replace them by one simple TXT record set.');
  }
  const [found] = txt;
  if (found === undefined) return undefined;
  return { ttl: found.TTL ?? OWN_TTL, values: (found.ResourceRecords ?? []).map((record) => record.Value ?? '') };
}

/**
 * The changes that carry out an edit on the set as it was seen; none when nothing has to change. DELETE names the whole old
 * set, so the batch is refused when the set is another by now: compare-and-swap. Others' values and TTL stay.
 *
 * @throws StepFailure of class `person` when the set would hold more than Route 53 allows.
 */
export function changesFor({ name, add, drop }: TxtEdit, seen: TxtSet | undefined): readonly Change[] {
  const there = (seen?.values ?? []).map(decodeTxt);
  const missing = [...new Set(add)].filter((text) => !there.includes(text));
  if (missing.length === 0 && !there.some((text) => drop.includes(text))) return [];
  const kept = (seen?.values ?? []).filter((value) => !drop.includes(decodeTxt(value)));
  const after = [...kept, ...missing.map(encodeTxt)];
  const ttl = seen?.ttl ?? OWN_TTL;
  const changes = [...setChange('DELETE', name, ttl, seen?.values ?? []), ...setChange('CREATE', name, ttl, after)];
  if (after.length > MOST_VALUES_OF_A_SET || !fitsBatch(changes)) throw full(name, kept.length);
  return changes;
}

/** Whether Route 53 takes these changes in one batch. */
export function fitsBatch(changes: readonly Change[]): boolean {
  const values = changes
    .flatMap((change) => change.ResourceRecordSet?.ResourceRecords ?? [])
    .map((record) => record.Value ?? '');
  return values.length <= MOST_RECORDS_OF_A_BATCH && values.join('').length <= MOST_CHARACTERS_OF_A_BATCH;
}

export function isSameSet(one: TxtSet | undefined, other: TxtSet | undefined): boolean {
  const text = (set: TxtSet | undefined) => JSON.stringify(set && [set.ttl, [...set.values].sort()]);
  return text(one) === text(other);
}

function setChange(Action: ChangeAction, Name: string, TTL: number, values: readonly string[]): readonly Change[] {
  if (values.length === 0) return [];
  return [
    { Action, ResourceRecordSet: { Name, Type: 'TXT', TTL, ResourceRecords: values.map((Value) => ({ Value })) } },
  ];
}

function blocked(name: string, why: string): StepFailure {
  return new StepFailure({ class: 'person', code: 'recordConflict', message: `${name} ${why}` });
}

function full(name: string, values: number): StepFailure {
  const message = `The TXT record set ${name} is full: with its ${values} other values it would exceed Route 53's limits. Remove the values that nobody needs any more.`;
  return new StepFailure({ class: 'person', code: 'recordSetFull', message });
}
