import { getDomain } from 'tldts';

/**
 * The registered domains of names, as CAs count them: by the whole public suffix list (https://publicsuffix.org), the part for
 * privately owned suffixes included. A name that is itself a public suffix counts as its own.
 */
export function registeredDomains(names: readonly string[]): readonly string[] {
  const found = names.map((name) => {
    const base = name.replace(/^\*\./, '');
    return getDomain(base, { allowPrivateDomains: true }) ?? base;
  });
  return [...new Set(found)].sort();
}
