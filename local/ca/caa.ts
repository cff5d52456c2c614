import { AcmeProblem } from './problems.ts';
import type { CaaRecord, Lookup } from './resolver.ts';

/** Who wants to issue what, for the decision of RFC 8659 with the parameters of RFC 8657. */
export interface CaaQuestion {
  readonly name: string;
  readonly wildcard: boolean;
  readonly identities: readonly string[];
  readonly accountUrl: string;
  readonly challengeType: string;
}

const KNOWN_TAGS = ['issue', 'issuewild', 'iodef', 'issuemail', 'issuevmc', 'contactemail', 'contactphone'];

/** RFC 8659 section 3: the set at the name, or at the nearest name above it that has one. */
async function relevantSet(
  lookup: Lookup,
  name: string,
): Promise<{ readonly at: string; readonly set: readonly CaaRecord[] }> {
  const labels = name.split('.');
  for (let index = 0; index < labels.length; index += 1) {
    const at = labels.slice(index).join('.');
    const set = await lookup.caa(at);
    if (set.length > 0) return { at, set };
  }
  return { at: name, set: [] };
}

function parametersOf(parts: readonly string[]): ReadonlyMap<string, string> {
  const pairs = parts.map((part) => part.trim()).filter(Boolean);
  return new Map(
    pairs.map((part) => [part.split('=')[0]?.trim().toLowerCase() ?? '', part.slice(part.indexOf('=') + 1).trim()]),
  );
}

function permits(record: CaaRecord, question: CaaQuestion): boolean {
  const [issuer = '', ...rest] = record.value.split(';');
  if (!question.identities.includes(issuer.trim().toLowerCase())) return false;
  const parameters = parametersOf(rest);
  const account = parameters.get('accounturi');
  const methods = parameters.get('validationmethods');
  if (account !== undefined && account !== question.accountUrl) return false;
  return methods === undefined || methods.split(',').some((method) => method.trim() === question.challengeType);
}

function decidingRecords(set: readonly CaaRecord[], wildcard: boolean): readonly CaaRecord[] {
  const wild = wildcard ? set.filter((record) => record.tag === 'issuewild') : [];
  return wild.length > 0 ? wild : set.filter((record) => record.tag === 'issue');
}

/**
 * Whether CAA lets this CA issue (RFC 8659 section 4).
 * @throws AcmeProblem caa when it does not; dns when that cannot be told.
 */
export async function checkCaa(lookup: Lookup, question: CaaQuestion): Promise<void> {
  const { at, set } = await relevantSet(lookup, question.name);
  const unknown = set.find((record) => record.critical && !KNOWN_TAGS.includes(record.tag));
  if (unknown) throw new AcmeProblem('caa', `CAA record for ${at} has the unknown critical tag "${unknown.tag}"`);
  const deciding = decidingRecords(set, question.wildcard);
  if (deciding.length > 0 && !deciding.some((record) => permits(record, question))) {
    throw new AcmeProblem('caa', `CAA record for ${at} prevents issuance`);
  }
}
