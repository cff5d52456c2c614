/** RFC 1035 section 3.3.14: the most bytes of one string of a TXT record. */
const STRING_BYTES = 255;
const QUOTED_STRING = /"((?:[^"\\]|\\.)*)"/gs;
const ESCAPE = /\\([0-3][0-7]{2})|\\(.)/gs;

/**
 * A TXT value as Route 53 takes it: quoted strings of at most 255 bytes, quotes and backslashes escaped, other bytes than
 * printable ASCII as octal escapes.
 * https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/ResourceRecordTypes.html#TXTFormat
 */
export function encodeTxt(value: string): string {
  const bytes = Buffer.from(value);
  const count = Math.max(1, Math.ceil(bytes.length / STRING_BYTES));
  const strings = Array.from({ length: count }, (_, at) => bytes.subarray(at * STRING_BYTES, (at + 1) * STRING_BYTES));
  return strings.map((string) => `"${[...string].map(escapeByte).join('')}"`).join(' ');
}

/** The text of a TXT value as Route 53 lists it: strings joined, escapes undone. */
export function decodeTxt(listed: string): string {
  const strings = [...listed.matchAll(QUOTED_STRING)].map(([, content = '']) => withoutEscapes(content));
  return Buffer.from(strings.length > 0 ? strings.join('') : listed, 'latin1').toString();
}

function escapeByte(byte: number): string {
  const character = String.fromCharCode(byte);
  if (character === '"' || character === '\\') return `\\${character}`;
  return byte >= 0x20 && byte < 0x7f ? character : `\\${byte.toString(8).padStart(3, '0')}`;
}

function withoutEscapes(content: string): string {
  return content.replace(ESCAPE, (_all, octal: string | undefined, plain: string | undefined) =>
    octal === undefined ? (plain ?? '') : String.fromCharCode(Number.parseInt(octal, 8)),
  );
}
