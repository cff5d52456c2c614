import type { CertificateDeclaration } from './declaration.ts';
import type { CertificateRow } from './rows.ts';
import type { TargetDeclaration } from './target-declaration.ts';

/** What a deployment does to certificates, before anything of it is written. */
export type InventoryPlan = {
  /** New name to the name whose state it takes over. */
  readonly renames: ReadonlyMap<string, string>;
  /** Names that are declared no more, sorted. */
  readonly retired: readonly string[];
};

/** Retirements that need no word from a person: one, or this share of all. */
const FREE_RETIREMENTS = 1;
const FREE_SHARE = 0.1;
/** Names in a refusal: CloudFormation shows a reason of about a thousand characters. */
const NAMED = 8;

/**
 * Compares the configuration with what the table knows. The same names and targets under a new name are a rename; whatever
 * else is declared no more is retired. A rename that an earlier deployment began and did not end is found again.
 */
export function planInventory(
  declarations: readonly CertificateDeclaration[],
  known: readonly CertificateRow[],
): InventoryPlan {
  const byName = new Map(known.map((row) => [row.declaration.name, row]));
  const declared = new Set(declarations.map(({ name }) => name));
  const left = known
    .filter((row) => !declared.has(row.declaration.name) && (!row.retired || isHalfRenamed(row, byName)))
    .sort((a, b) => (a.declaration.name < b.declaration.name ? -1 : 1));
  const sources = groupBySubject(left);
  const renames = new Map<string, string>();
  for (const declaration of declarations) {
    if (byName.get(declaration.name)?.retired === false) continue;
    const source = sources.get(subjectOf(declaration))?.shift();
    if (source !== undefined) renames.set(declaration.name, source);
  }
  const renamed = new Set(renames.values());
  const retired = left.map(({ declaration }) => declaration.name).filter((name) => !renamed.has(name));
  return { renames, retired };
}

/** Its state was about to be taken over, and has not been: the new name's row, written last, does not say so. */
function isHalfRenamed(row: CertificateRow, byName: ReadonlyMap<string, CertificateRow>): boolean {
  if (row.renamedTo === undefined) return false;
  return byName.get(row.renamedTo)?.renamedFrom !== row.declaration.name;
}

function groupBySubject(rows: readonly CertificateRow[]): ReadonlyMap<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const { declaration } of rows) {
    const subject = subjectOf(declaration);
    groups.set(subject, [...(groups.get(subject) ?? []), declaration.name]);
  }
  return groups;
}

/** What makes a certificate the same under another name: its names and the places that serve it, however they are probed. */
function subjectOf({ domains, targets }: CertificateDeclaration): string {
  return JSON.stringify([[...domains].sort(), targets.map(placeOf).sort()]);
}

function placeOf(target: TargetDeclaration): string {
  const place = Object.entries(target).filter(([field, value]) => field !== 'probe' && value !== undefined);
  return JSON.stringify(place.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/**
 * Why a plan is not carried out: it would retire more than one certificate and more than a tenth of all, or the last one
 * there is, and nobody has said that this is meant. Undefined when it may be carried out.
 */
export function refusalOf(
  { retired }: InventoryPlan,
  declarations: readonly CertificateDeclaration[],
  known: readonly CertificateRow[],
): string | undefined {
  const before = known.filter((row) => !row.retired).length;
  const many = retired.length > FREE_RETIREMENTS && retired.length > FREE_SHARE * before;
  const everything = retired.length > 0 && declarations.length === 0;
  if (!many && !everything) return undefined;
  return `${retired.length} of ${before} certificates are no longer in the configuration and would not be renewed any more: ${listed(retired)}. Nothing was changed. Put them back, or set allowRetire: true if this is meant, and deploy again`;
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, NAMED).join(', ');
  return names.length <= NAMED ? shown : `${shown} and ${names.length - NAMED} more`;
}
