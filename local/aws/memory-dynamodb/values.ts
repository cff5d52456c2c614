import { AwsFault } from '../fault.ts';

/** An attribute value as the API's JSON has it, of the types that the store writes. */
export type AttributeValue =
  | { readonly S: string }
  | { readonly N: string }
  | { readonly BOOL: boolean }
  | { readonly NULL: true }
  | { readonly M: Attributes }
  | { readonly L: readonly AttributeValue[] };

export type Attributes = { readonly [name: string]: AttributeValue };

type TypeName = 'S' | 'N' | 'BOOL' | 'NULL' | 'M' | 'L';
const TYPES: readonly string[] = ['S', 'N', 'BOOL', 'NULL', 'M', 'L'];

/** What DynamoDB refuses a malformed request with. */
export function invalid(message: string): AwsFault {
  return new AwsFault('ValidationException', message);
}

/** The one type that a value has. Throws where the value is none that this fake knows. */
export function typeOf(value: AttributeValue): TypeName {
  const [type, ...more] = Object.keys(value);
  if (type === undefined || more.length > 0 || !TYPES.includes(type))
    throw new Error(`This table knows no attribute value ${JSON.stringify(value)}; add it with its rules.`);
  return type as TypeName;
}

/** Throws a ValidationException for a value that DynamoDB would not store. */
export function checkValue(value: AttributeValue): void {
  typeOf(value);
  if ('N' in value) checkNumber(value.N);
  if ('L' in value) value.L.forEach(checkValue);
  if ('M' in value) Object.values(value.M).forEach(checkValue);
}

function checkNumber(text: string): void {
  const number = Number(text);
  if (text.trim() === '' || !Number.isFinite(number))
    throw invalid(`A value provided cannot be converted into a number: ${text}`);
  if (Number.isInteger(number) && !Number.isSafeInteger(number))
    throw new Error(`This table compares numbers up to 2^53, not ${text}.`);
}

/** Whether two values are the same, type included. */
export function same(one: AttributeValue, other: AttributeValue): boolean {
  if ('N' in one && 'N' in other) return Number(one.N) === Number(other.N);
  if ('M' in one && 'M' in other) return sameMap(one.M, other.M);
  if ('L' in one && 'L' in other) {
    const theirs = other.L;
    return one.L.length === theirs.length && one.L.every((value, at) => same(value, theirs[at] ?? { NULL: true }));
  }
  return JSON.stringify(one) === JSON.stringify(other);
}

function sameMap(one: Attributes, other: Attributes): boolean {
  const names = Object.keys(one);
  if (names.length !== Object.keys(other).length) return false;
  return names.every((name) => {
    const [mine, theirs] = [one[name], other[name]];
    return mine !== undefined && theirs !== undefined && same(mine, theirs);
  });
}

/** Negative, zero or positive; undefined where the types differ: such a comparison is false in DynamoDB. */
export function order(one: AttributeValue, other: AttributeValue): number | undefined {
  if ('N' in one && 'N' in other) return Number(one.N) - Number(other.N);
  // By UTF-8 bytes, which for these keys is the order of code units.
  if ('S' in one && 'S' in other) return one.S < other.S ? -1 : Number(one.S > other.S);
  if (typeOf(one) === typeOf(other)) throw invalid(`Invalid operand type for a comparison: ${typeOf(one)}`);
  return undefined;
}

/**
 * Size of an item, bytes.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
 */
export function sizeOf(attributes: Attributes): number {
  let size = 0;
  for (const [name, value] of Object.entries(attributes)) size += Buffer.byteLength(name) + sizeOfValue(value);
  return size;
}

function sizeOfValue(value: AttributeValue): number {
  if ('S' in value) return Buffer.byteLength(value.S);
  if ('N' in value) return Math.ceil(value.N.length / 2) + 1;
  if ('M' in value) return 3 + sizeOf(value.M) + Object.keys(value.M).length;
  if ('L' in value) return 3 + value.L.reduce((size, each) => size + sizeOfValue(each) + 1, 0);
  return 1;
}

/** Attributes as the document client shows them. */
export function documentOf(attributes: Attributes): Record<string, unknown> {
  return Object.fromEntries(Object.entries(attributes).map(([name, value]) => [name, plainOf(value)]));
}

function plainOf(value: AttributeValue): unknown {
  if ('S' in value) return value.S;
  if ('N' in value) return Number(value.N);
  if ('BOOL' in value) return value.BOOL;
  if ('NULL' in value) return null;
  if ('M' in value) return documentOf(value.M);
  return value.L.map(plainOf);
}
