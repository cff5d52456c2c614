import type { Challenge } from './model.ts';
import { malformed, unauthorized } from './problems.ts';
import { txtAt } from './validate-dns.ts';
import type { World } from './world.ts';

/** A TXT value for a CA: RFC 8659 issue-value syntax, as draft-ietf-acme-dns-persist has it. */
export interface PersistRecord {
  readonly issuer: string;
  readonly parameters: ReadonlyMap<string, string>;
}

const VALUE = /^[\x21-\x3a\x3c-\x7e]*$/;

function trim(text: string): string {
  return text.replace(/^[ \t]+|[ \t]+$/g, '');
}

function parseParameter(text: string): readonly [tag: string, value: string] {
  const at = text.indexOf('=');
  const tag = trim(text.slice(0, at)).toLowerCase();
  const value = trim(text.slice(at + 1));
  if (at < 0 || tag === '' || !VALUE.test(value)) throw malformed(`dns-persist-01: malformed parameter "${text}"`);
  return [tag, value];
}

/** @throws AcmeProblem malformed on a parameter that is none, or is there twice. */
export function parsePersistRecord(text: string): PersistRecord {
  const [issuer = '', ...rest] = text.split(';').map(trim);
  const parameters = new Map<string, string>();
  for (const [tag, value] of rest.map(parseParameter)) {
    if (parameters.has(tag)) throw malformed(`dns-persist-01: parameter "${tag}" is there twice`);
    parameters.set(tag, value);
  }
  return { issuer: issuer.toLowerCase(), parameters };
}

function checkUntil(until: string | undefined, now: number): void {
  if (until === undefined) return;
  if (!/^-?\d+$/.test(until)) throw malformed(`dns-persist-01: persistUntil "${until}" is no UNIX time`);
  if (now > Number(until) * 1000) throw unauthorized(`dns-persist-01: persistUntil ${until} has passed`);
}

function checkRecord(world: World, challenge: Challenge, record: PersistRecord): void {
  const { account, wildcard } = challenge.authorization;
  const uri = record.parameters.get('accounturi');
  if (!uri) throw malformed('dns-persist-01: parameter "accounturi" is missing');
  if (uri !== world.urls.account(account)) throw unauthorized(`dns-persist-01: accounturi "${uri}" is another account`);
  if (wildcard && record.parameters.get('policy')?.toLowerCase() !== 'wildcard') {
    throw unauthorized('dns-persist-01: a wildcard needs "policy=wildcard"');
  }
  checkUntil(record.parameters.get('persistuntil'), world.clock.now());
}

/** Passes when one of the records meant for this CA does; else the first one's problem is told. */
export async function validateDnsPersist01(world: World, challenge: Challenge): Promise<void> {
  const name = `_validation-persist.${challenge.authorization.identifier.value}`;
  const values = await txtAt(world, name);
  const ours = values.filter((text) =>
    world.settings.caaIdentities.includes(trim(text.split(';')[0] ?? '').toLowerCase()),
  );
  if (ours.length === 0) throw unauthorized(`No TXT record for this CA found at ${name}`);
  const problems: unknown[] = [];
  for (const text of ours) {
    try {
      checkRecord(world, challenge, parsePersistRecord(text));
      return;
    } catch (problem) {
      problems.push(problem);
    }
  }
  throw problems[0];
}
