import { isIPv4, isIPv6 } from 'node:net';

/** https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/ResourceRecordTypes.html */
const LONGEST_TXT_STRING = 255;
const LONGEST_VALUE = 4000;

const QUOTED_STRINGS = /^"(?:[^"\\]|\\.)*"(?:\s+"(?:[^"\\]|\\.)*")*$/s;
const QUOTED_STRING = /"((?:[^"\\]|\\.)*)"/gs;
const CAA_VALUE = /^(\d{1,3}) (issue|issuewild|iodef) "([^"]*)"$/;
const DOMAIN_NAME = /^[^\s]+$/;

/** A set's values as Route 53 holds them. */
export type RecordType = 'A' | 'AAAA' | 'CAA' | 'CNAME' | 'NS' | 'SOA' | 'TXT';
export const RECORD_TYPES: readonly string[] = ['A', 'AAAA', 'CAA', 'CNAME', 'NS', 'SOA', 'TXT'] satisfies RecordType[];

/** What is wrong with a value, in Route 53's wording; undefined when it is right. */
export function valueProblem(type: RecordType, value: string): string | undefined {
  const reason = value.length > LONGEST_VALUE ? 'ValueTooLong (Value is too long)' : REASONS[type](value);
  return reason && `Invalid Resource Record: 'FATAL problem: ${reason} encountered with '${value}''`;
}

const REASONS: Readonly<Record<RecordType, (value: string) => string | undefined>> = {
  A: (value) => (isIPv4(value) ? undefined : 'ARRDATAIllegalIPv4Address (Value is not a valid IPv4 address)'),
  AAAA: (value) => (isIPv6(value) ? undefined : 'AAAARRDATAIllegalIPv6Address (Value is not a valid IPv6 address)'),
  CAA: (value) => (CAA_VALUE.test(value) ? undefined : 'CAARRDATAIllegalFormat (Value is not flags, tag and "value")'),
  CNAME: domainReason,
  NS: domainReason,
  SOA: (value) => (value.split(' ').length === 7 ? undefined : 'SOARRDATAIllegalFormat (Value needs seven fields)'),
  TXT: txtReason,
};

function domainReason(value: string): string | undefined {
  return DOMAIN_NAME.test(value) ? undefined : 'DomainLabelIllegal (Value is not a domain name)';
}

function txtReason(value: string): string | undefined {
  if (!QUOTED_STRINGS.test(value)) return 'InvalidCharacterString (Value should be enclosed in quotation marks)';
  const tooLong = txtStrings(value).some((string) => Buffer.byteLength(string, 'latin1') > LONGEST_TXT_STRING);
  return tooLong ? 'CharacterStringTooLong (Value is too long)' : undefined;
}

/** The strings of a TXT value, unquoted and unescaped. */
export function txtStrings(value: string): readonly string[] {
  return [...value.matchAll(QUOTED_STRING)].map(([, content = '']) => unescaped(content));
}

function unescaped(content: string): string {
  return content.replace(/\\([0-3][0-7]{2})|\\(.)/gs, (_all, octal: string | undefined, plain: string | undefined) =>
    octal === undefined ? (plain ?? '') : String.fromCharCode(Number.parseInt(octal, 8)),
  );
}

/** The parts of a CAA value that {@link valueProblem} accepts. */
export function caaParts(value: string) {
  const [, flags = '0', tag = 'issue', content = ''] = CAA_VALUE.exec(value) ?? [];
  return { flags: Number(flags), tag: tag === 'issuewild' || tag === 'iodef' ? tag : 'issue', value: content } as const;
}
