import { isIP } from 'node:net';
import { isObject } from './fields.ts';
import { AcmeProblem, type Identifier, malformed, subproblem } from './problems.ts';
import type { CaProfile } from './profiles.ts';

const LABEL = /^(?!-)[a-z0-9_-]{1,63}(?<!-)$/;

function checkDnsName(name: string): void {
  const base = name.startsWith('*.') ? name.slice(2) : name;
  if (name === '') throw malformed('Identifier is empty');
  if (name.length > 253) throw malformed(`Name "${name}" is longer than 253 characters`);
  if (name.endsWith('.')) throw malformed(`Name "${name}" ends in a dot`);
  if (base.includes('*')) throw malformed(`Name "${name}": a wildcard is the whole leftmost label, once`);
  if (isIP(base) !== 0) throw malformed(`Name "${name}" is an IP address; its type is "ip"`);
  const labels = base.split('.');
  if (labels.length < 2) throw malformed(`Name "${name}" has no dot`);
  if (!labels.every((label) => LABEL.test(label)) || base.includes('_'))
    throw malformed(`Name "${name}" is no host name`);
  if (/^[0-9]+$/.test(labels.at(-1) ?? '')) throw malformed(`Name "${name}" ends in a number`);
}

/** RFC 8738 section 3: an IPv6 address has the one form of RFC 5952. */
function checkAddress(address: string): void {
  const kind = isIP(address);
  if (kind === 0) throw malformed(`"${address}" is no IP address`);
  const canonical = kind === 6 ? new URL(`http://[${address}]`).hostname.slice(1, -1) : address;
  if (address !== canonical) throw malformed(`Address "${address}" is not in its canonical form, "${canonical}"`);
}

function checkBlocked(name: string, blocked: readonly string[]): void {
  const base = name.replace(/^\*\./, '');
  const by = blocked.find((each) => base === each || base.endsWith(`.${each}`));
  if (by !== undefined) throw new AcmeProblem('rejectedIdentifier', `Policy forbids to issue for "${name}"`);
}

function checkOne(identifier: Identifier, profile: CaProfile, blocked: readonly string[]): void {
  if (!profile.identifierTypes.includes(identifier.type)) {
    throw new AcmeProblem('unsupportedIdentifier', `Identifier type "${identifier.type}" is not supported here`);
  }
  if (identifier.type === 'ip') {
    checkAddress(identifier.value);
    return;
  }
  checkDnsName(identifier.value);
  checkBlocked(identifier.value, blocked);
}

function problemOf(check: () => void): AcmeProblem | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    if (error instanceof AcmeProblem) return error;
    throw error;
  }
}

/** RFC 8555 section 6.7.1: several bad names are told at once, each as a subproblem. */
function refuse(problems: readonly { readonly identifier: Identifier; readonly problem: AcmeProblem }[]): void {
  const [first] = problems;
  if (!first) return;
  if (problems.length === 1 && first.problem.type !== 'rejectedIdentifier') throw first.problem;
  const subproblems = problems.map((each) => subproblem(each.problem, each.identifier));
  const same = problems.every((each) => each.problem.type === first.problem.type);
  const type = same ? first.problem.type : 'rejectedIdentifier';
  throw new AcmeProblem(type, `${first.problem.message} (${problems.length} bad names in all)`, { subproblems });
}

function readOne(value: unknown): Identifier {
  if (!isObject(value)) throw malformed('An identifier is not an object');
  const { type, value: name } = value;
  if (typeof type !== 'string' || typeof name !== 'string') throw malformed('An identifier lacks "type" or "value"');
  return { type, value: name.toLowerCase() };
}

/** Lower case, each once, sorted: the set that reuse and limits go by. */
function normalized(identifiers: readonly Identifier[]): readonly Identifier[] {
  const unique = new Map(identifiers.map((each) => [keyOf(each), each]));
  return [...unique.values()].sort((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1));
}

export function keyOf(identifier: Identifier): string {
  return `${identifier.type}:${identifier.value}`;
}

/** Names an exact set of identifiers. */
export function setKeyOf(identifiers: readonly Identifier[]): string {
  return identifiers.map(keyOf).join(',');
}

/** @throws AcmeProblem malformed, unsupportedIdentifier or rejectedIdentifier. */
export function readIdentifiers(value: unknown, profile: CaProfile, blocked: readonly string[]): readonly Identifier[] {
  if (!Array.isArray(value) || value.length === 0) throw malformed('Order has no identifiers');
  const identifiers = normalized(value.map(readOne));
  const problems = identifiers.flatMap((identifier) => {
    const problem = problemOf(() => checkOne(identifier, profile, blocked));
    return problem ? [{ identifier, problem }] : [];
  });
  refuse(problems);
  if (identifiers.length > profile.maxNames) {
    throw malformed(`${identifiers.length} names; the profile takes at most ${profile.maxNames}`);
  }
  return identifiers;
}

/** The name under a public suffix, or the address: the scope of the certificates-per-domain limit. */
export function registeredDomain(identifier: Identifier, publicSuffixes: readonly string[]): string {
  if (identifier.type === 'ip') return identifier.value;
  const labels = identifier.value.replace(/^\*\./, '').split('.');
  const suffix = publicSuffixes
    .filter((each) => identifier.value.endsWith(`.${each}`))
    .toSorted((a, b) => b.length - a.length)[0];
  return labels.slice(-(suffix === undefined ? 2 : suffix.split('.').length + 1)).join('.');
}
