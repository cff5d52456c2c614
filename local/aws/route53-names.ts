import { AwsFault } from './fault.ts';

/** Characters that Route 53 shows as they are; all others it writes as a backslash and three octal digits. */
const PLAIN = /[a-z0-9_-]/;
const LONGEST_LABEL = 63;
const LONGEST_NAME = 255;

/**
 * The name as Route 53 stores and lists it: lower case, absolute, `*` as `\052`.
 * https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DomainNameFormat.html
 *
 * @throws AwsFault `InvalidDomainName` for what is no domain name.
 */
export function normalizedName(name: string): string {
  const labels = decodeEscapes(name.replace(/\.$/, '')).toLowerCase().split('.');
  const tooLong = labels.some((label) => label.length > LONGEST_LABEL) || name.length > LONGEST_NAME;
  if (tooLong || labels.some((label) => label === '' || /[^\x21-\x7e]/.test(label))) {
    throw new AwsFault('InvalidDomainName', `Invalid domain name '${name}': a label is empty, too long or not ASCII`);
  }
  return `${labels.map((label) => [...label].map(escaped).join('')).join('.')}.`;
}

/** The name as DNS has it: `\052` is `*`, no trailing dot. */
export function dnsName(normalized: string): string {
  return decodeEscapes(normalized.replace(/\.$/, ''));
}

/** By this text Route 53 sorts: labels reversed, with the trailing dot, which some characters sort before. */
export function sortKey(normalized: string): string {
  return `${normalized.slice(0, -1).split('.').reverse().join('.')}.`;
}

/** Whether a normalized name is the zone's or below it. */
export function isInZone(normalized: string, zone: string): boolean {
  return normalized === zone || normalized.endsWith(`.${zone}`);
}

function escaped(character: string): string {
  return PLAIN.test(character) ? character : `\\${character.charCodeAt(0).toString(8).padStart(3, '0')}`;
}

function decodeEscapes(name: string): string {
  return name.replace(/\\([0-3][0-7]{2})/g, (_all, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}
