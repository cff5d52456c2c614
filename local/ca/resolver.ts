import { Resolver } from 'node:dns/promises';
import { AcmeProblem } from './problems.ts';

export interface CaaRecord {
  readonly critical: boolean;
  readonly tag: string;
  readonly value: string;
}

/** DNS as validation needs it. Absent names and empty answers are empty lists; anything else is a problem of type `dns`. */
export interface Lookup {
  /** TXT values at the name after CNAMEs, and whether the name exists. */
  txt(name: string): Promise<{ readonly values: readonly string[]; readonly exists: boolean }>;
  caa(name: string): Promise<readonly CaaRecord[]>;
  addresses(name: string): Promise<readonly string[]>;
}

const MOST_CNAMES = 10;
const ABSENT = ['ENOTFOUND', 'ENODATA'];

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}

function failure(error: unknown, type: string, name: string): AcmeProblem {
  return new AcmeProblem('dns', `DNS problem: ${codeOf(error)} looking up ${type} for ${name}`);
}

interface Found<Value> {
  readonly values: readonly Value[];
  readonly exists: boolean;
}

async function ask<Value>(type: string, name: string, query: () => Promise<readonly Value[]>): Promise<Found<Value>> {
  try {
    return { values: await query(), exists: true };
  } catch (error) {
    if (!ABSENT.includes(codeOf(error))) throw failure(error, type, name);
    return { values: [], exists: codeOf(error) !== 'ENOTFOUND' };
  }
}

/** Asks at the name; where nothing is, at what its CNAME points to. A resolver that follows CNAMEs itself is never asked twice. */
async function follow<Value>(
  dns: Resolver,
  type: string,
  name: string,
  query: (name: string) => Promise<readonly Value[]>,
  left = MOST_CNAMES,
): Promise<Found<Value>> {
  const found = await ask(type, name, () => query(name));
  if (found.values.length > 0 || !found.exists) return found;
  const { values } = await ask('CNAME', name, () => dns.resolveCname(name));
  const target = values[0];
  if (target === undefined || target.toLowerCase() === name.toLowerCase()) return found;
  if (left === 0) throw new AcmeProblem('dns', `DNS problem: more than ${MOST_CNAMES} CNAMEs from ${name}`);
  return follow(dns, type, target, query, left - 1);
}

function caaOf(record: object): CaaRecord {
  const [tag, value] = Object.entries(record).find(([key]) => key !== 'critical' && key !== 'type') ?? ['', ''];
  return {
    critical: 'critical' in record && Number(record.critical) !== 0,
    tag: tag.toLowerCase(),
    value: String(value),
  };
}

/**
 * Looks up through one resolver, `ip:port`.
 *
 * Node's resolver (c-ares) keeps no cache, goes to TCP when an answer is truncated, and waits on native timers of real time.
 */
export function createLookup(server: string | undefined): Lookup {
  const dns = new Resolver({ timeout: 2000, tries: 2 });
  if (server !== undefined) dns.setServers([server]);
  const checked = () => {
    if (server === undefined)
      throw new AcmeProblem('dns', 'DNS problem: this CA has no resolver; start it with `resolver`');
    return dns;
  };
  return {
    async txt(name) {
      const { values, exists } = await follow(checked(), 'TXT', name, (at) => dns.resolveTxt(at));
      return { values: values.map((strings) => strings.join('')), exists };
    },
    async caa(name) {
      const { values } = await follow(checked(), 'CAA', name, (at) => dns.resolveCaa(at));
      return values.map(caaOf);
    },
    async addresses(name) {
      const v6 = await follow(checked(), 'AAAA', name, (at) => dns.resolve6(at));
      const v4 = await follow(checked(), 'A', name, (at) => dns.resolve4(at));
      return [...v6.values, ...v4.values];
    },
  };
}
