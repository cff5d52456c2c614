/** Special-use names of RFC 6761, RFC 2606 and RFC 9476, and the private-use domain `internal`. */
const RESERVED = [
  'example.com',
  'example.net',
  'example.org',
  'example',
  'test',
  'invalid',
  'localhost',
  'alt',
  'internal',
];

/** Whether no public CA can certify a name (lower-case A-labels, wildcard or not). */
export function isReservedName(name: string): boolean {
  return RESERVED.some((reserved) => name === reserved || name.endsWith(`.${reserved}`));
}
