import { StepFailure } from '../core/failure.ts';
import { canonicalName } from './names.ts';
import type { DnsResolver } from './resolver.ts';

/** CAs give up at about as many. */
const MOST_HOPS = 10;

/** The names a CNAME chain leads through: where it begins, and where it ends. */
export type AliasChain = { readonly end: string; readonly names: readonly string[] };

/**
 * Follows the CNAMEs at a name (RFC 1034 section 3.6.2) to the name where a TXT record belongs.
 *
 * @throws StepFailure of class `person` for a loop and for more than 10 hops, with the chain.
 */
export async function followAliases(resolver: Pick<DnsResolver, 'alias'>, name: string): Promise<AliasChain> {
  const names = [canonicalName(name)];
  let end = canonicalName(name);
  for (;;) {
    const target = await resolver.alias(end);
    if (target === undefined) return { end, names };
    if (names.includes(target)) throw badChain('cnameLoop', [...names, target], 'is a loop');
    names.push(target);
    if (names.length > MOST_HOPS + 1) throw badChain('cnameChainTooLong', names, `has more than ${MOST_HOPS} hops`);
    end = target;
  }
}

/** The chain as a person reads it. */
export function describeChain(names: readonly string[]): string {
  return names.join(' -> ');
}

function badChain(code: string, names: readonly string[], what: string): StepFailure {
  const message = `The CNAME chain ${describeChain(names)} ${what}. Let ${names[0]} point to one name in a hosted zone of this account.`;
  return new StepFailure({ class: 'person', code, message });
}
