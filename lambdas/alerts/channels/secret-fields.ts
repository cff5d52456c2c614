import type { SecretFields } from './channel.ts';

/** A secret does not hold what its channel needs: a person must mend it. Names fields, never values. */
export class SecretUnfit extends Error {}

/**
 * The fields of a channel's secret: a JSON object with at least those, or a plain text where there is one field only. Throws
 * a {@link SecretUnfit} that says what is missing.
 */
export function readSecretFields(name: string, text: string, fields: readonly string[]): SecretFields {
  const parsed = parseObject(text);
  const [only = '', ...others] = fields;
  const found = parsed ?? (others.length === 0 ? { [only]: text.trim() } : undefined);
  const shape = `{ ${fields.map((field) => `"${field}": "..."`).join(', ')} }`;
  if (found === undefined) throw new SecretUnfit(`the secret ${name} is no JSON object: write ${shape}`);
  const read = fields.map((field) => [field, Reflect.get(found, field)] as const);
  const missing = read.filter(([, value]) => typeof value !== 'string' || value === '').map(([field]) => field);
  if (missing.length > 0) throw new SecretUnfit(`the secret ${name} lacks ${missing.join(' and ')}: write ${shape}`);
  return Object.fromEntries(read) as SecretFields;
}

function parseObject(text: string): object | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}
