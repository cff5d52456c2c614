import { malformed } from './problems.ts';

export type JsonObject = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** @throws AcmeProblem malformed when `text` is not a JSON object. */
export function parseObject(text: string, what: string): JsonObject {
  const value = parseJson(text, what);
  if (!isObject(value)) throw malformed(`${what} is not a JSON object`);
  return value;
}

function parseJson(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw malformed(`${what} is not JSON`);
  }
}

/** @throws AcmeProblem malformed when the field is there and no string. */
export function optionalString(body: JsonObject, field: string): string | undefined {
  const value = body[field];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string') throw malformed(`Field "${field}" is not a string`);
  return value;
}

export function requiredString(body: JsonObject, field: string): string {
  const value = optionalString(body, field);
  if (value === undefined) throw malformed(`Field "${field}" is missing`);
  return value;
}

export function optionalBoolean(body: JsonObject, field: string): boolean {
  const value = body[field];
  if (value === undefined || value === null) return false;
  if (typeof value !== 'boolean') throw malformed(`Field "${field}" is not a boolean`);
  return value;
}

export function optionalStrings(body: JsonObject, field: string): readonly string[] | undefined {
  const value = body[field];
  if (value === undefined || value === null) return undefined;
  if (!Array.isArray(value) || !value.every((each) => typeof each === 'string')) {
    throw malformed(`Field "${field}" is not an array of strings`);
  }
  return value;
}
