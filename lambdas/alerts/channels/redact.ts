import type { SecretFields } from './channel.ts';

/** Shorter parts of a URL are words that reasons may need. */
const SHORTEST = 8;
const LONGEST_REASON = 500;

/**
 * A reason without anything of a secret: whole values, the paths, queries and long segments of its URLs, as they are and as
 * URLs and JSON write them. Cut to a line that a log and a message attribute can hold.
 */
export function redact(reason: string, secret: SecretFields, sentUrl = ''): string {
  const hidden = [...new Set([...Object.values(secret), sentUrl].flatMap(partsOf).flatMap(spellings))];
  const longestFirst = hidden.toSorted((one, other) => other.length - one.length);
  const told = longestFirst.reduce((text, part) => text.replaceAll(part, '[secret]'), reason);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: an answer's control characters have no place in a log.
  return told.replace(/[\u0000-\u001f\u007f]+/g, ' ').slice(0, LONGEST_REASON);
}

function partsOf(value: string): readonly string[] {
  if (value === '') return [];
  if (!URL.canParse(value)) return [value];
  const { href, pathname, search, searchParams } = new URL(value);
  const parts = [pathname, search, ...pathname.split('/'), ...searchParams.values()];
  return [value, href, ...parts.filter((part) => part.length >= SHORTEST)];
}

function spellings(part: string): readonly string[] {
  return [part, encodeURIComponent(part), JSON.stringify(part).slice(1, -1)];
}
