import type { DecodedPacket, Packet } from 'dns-packet';
import * as dnsPacket from 'dns-packet';
import type { DnsAnswer, Rcode } from './lookup.ts';
import type { DnsRecord } from './zone-data.ts';

/** RFC 1035 section 4.2.1: the most a client without EDNS takes over UDP. */
const PLAIN_UDP_LIMIT = 512;
/** What this server takes and sends over UDP; DNS Flag Day 2020 advises this size against fragments. */
const EDNS_UDP_LIMIT = 1232;
/** RFC 1035 section 3.3.14. */
const TXT_STRING_BYTES = 255;

const RCODES: Readonly<Record<Rcode, number>> = {
  NOERROR: 0,
  FORMERR: 1,
  SERVFAIL: 2,
  NXDOMAIN: 3,
  NOTIMP: 4,
  REFUSED: 5,
  BADVERS: 16,
};

const OPCODE_MASK = 0x7800;

/** A query as it came over the wire. */
export type DnsQuery = {
  readonly id: number;
  /** Written as the client wrote it: clients that vary the case expect it back. */
  readonly question: { readonly name: string; readonly type: string; readonly class: string };
  readonly opcodeFlags: number;
  readonly recursionDesired: boolean;
  /** The client's EDNS (RFC 6891), absent where it has none. */
  readonly edns?: { readonly version: number; readonly udpLimit: number };
};

/** Reads a query; undefined for what is not one, which is dropped. */
export function readQuery(bytes: Buffer): DnsQuery | undefined {
  const packet = decode(bytes);
  const question = packet?.questions?.[0];
  if (packet?.type !== 'query' || question === undefined || packet.questions?.length !== 1) return undefined;
  const opt = packet.additionals?.find((record) => record.type === 'OPT');
  const flags = packet.flags ?? 0;
  const query = {
    id: packet.id ?? 0,
    question: { name: question.name, type: question.type, class: question.class ?? 'IN' },
    opcodeFlags: flags & OPCODE_MASK,
    recursionDesired: (flags & dnsPacket.RECURSION_DESIRED) !== 0,
  };
  if (opt?.type !== 'OPT') return query;
  const udpLimit = Math.min(EDNS_UDP_LIMIT, Math.max(PLAIN_UDP_LIMIT, opt.udpPayloadSize));
  return { ...query, edns: { version: opt.ednsVersion, udpLimit } };
}

function decode(bytes: Buffer): DecodedPacket | undefined {
  try {
    return dnsPacket.decode(bytes);
  } catch {
    return undefined;
  }
}

/** How a response is written. */
export type ResponseForm = { readonly transport: 'udp' | 'tcp'; readonly recursionAvailable: boolean };

/** Encodes the response to a query; over UDP it is cut to what the client takes, with TC set (RFC 2181 section 9). */
export function writeResponse(query: DnsQuery, answer: DnsAnswer, form: ResponseForm): Buffer {
  const whole = dnsPacket.encode(responseTo(query, answer, form));
  const limit = form.transport === 'tcp' ? 65_535 : (query.edns?.udpLimit ?? PLAIN_UDP_LIMIT);
  if (whole.length <= limit) return whole;
  const cut = responseTo(query, { ...answer, answers: [], authorities: [] }, form);
  return dnsPacket.encode({ ...cut, flags: (cut.flags ?? 0) | dnsPacket.TRUNCATED_RESPONSE });
}

function responseTo(query: DnsQuery, answer: DnsAnswer, form: ResponseForm): Packet {
  const rcode = RCODES[answer.rcode];
  const asAsked = (record: DnsRecord) => packetRecord(record, query.question.name);
  return {
    id: query.id,
    type: 'response',
    flags: flagsOf(query, form) | (answer.authoritative ? dnsPacket.AUTHORITATIVE_ANSWER : 0) | (rcode & 0x0f),
    questions: [query.question as dnsPacket.Question],
    answers: answer.answers.map(asAsked),
    authorities: answer.authorities.map(asAsked),
    additionals: query.edns ? [optRecord(rcode >> 4)] : [],
  };
}

function flagsOf(query: DnsQuery, form: ResponseForm): number {
  const recursionDesired = query.recursionDesired ? dnsPacket.RECURSION_DESIRED : 0;
  const recursionAvailable = form.recursionAvailable ? dnsPacket.RECURSION_AVAILABLE : 0;
  return query.opcodeFlags | recursionDesired | recursionAvailable;
}

/** RFC 6891 section 6.1.3: the upper bits of the response code travel here. */
function optRecord(extendedRcode: number): dnsPacket.OptAnswer {
  const fields = { udpPayloadSize: EDNS_UDP_LIMIT, extendedRcode, ednsVersion: 0, flags: 0, flag_do: false };
  return { type: 'OPT', name: '.', ...fields, options: [] };
}

/** A record as dns-packet takes it; its name is written as the client wrote it in the question. */
function packetRecord(record: DnsRecord, askedAs: string): dnsPacket.Answer {
  const name = record.name === nameKey(askedAs) ? askedAs : record.name || '.';
  const { type, ttl } = record;
  if (type === 'TXT') return { name, type, ttl, class: 'IN', data: txtStrings(record.data) };
  if (type === 'CAA')
    return { name, type, ttl, class: 'IN', data: { ...record.data, issuerCritical: record.data.flags >= 128 } };
  if (type === 'SOA') return { name, type, ttl, class: 'IN', data: { ...record.data } };
  return { name, type, ttl, class: 'IN', data: record.data };
}

function txtStrings(value: string): Buffer[] {
  const bytes = Buffer.from(value);
  const strings: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += TXT_STRING_BYTES) strings.push(bytes.subarray(at, at + TXT_STRING_BYTES));
  return strings.length > 0 ? strings : [Buffer.alloc(0)];
}

/** A name of the wire as the zone data has it: lower case, no trailing dot, the root empty. */
export function nameKey(name: string): string {
  return name.toLowerCase().replace(/\.$/, '');
}
