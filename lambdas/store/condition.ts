/** A DynamoDB condition on one item, built from named parts so that a call site reads as a sentence. */
export type Condition = (bind: Binder) => string;

/** Gives attribute names and values their placeholders: names may be reserved words (`status`, `ttl`, `shard`). */
export type Binder = { name(attribute: string): string; value(value: unknown): string };

/** Placeholders of one expression. */
export type Bindings = { readonly names: Record<string, string>; readonly values: Record<string, unknown> };

export const equals = (attribute: string, value: unknown): Condition => compare(attribute, '=', value);
export const differs = (attribute: string, value: unknown): Condition => compare(attribute, '<>', value);
export const atMost = (attribute: string, value: number): Condition => compare(attribute, '<=', value);
export const above = (attribute: string, value: number): Condition => compare(attribute, '>', value);
export const below = (attribute: string, value: number): Condition => compare(attribute, '<', value);
export const absent =
  (attribute: string): Condition =>
  (bind) =>
    `attribute_not_exists(${bind.name(attribute)})`;
export const present =
  (attribute: string): Condition =>
  (bind) =>
    `attribute_exists(${bind.name(attribute)})`;
export const all = (...parts: readonly Condition[]): Condition => join('AND', parts);
export const any = (...parts: readonly Condition[]): Condition => join('OR', parts);

/** Collects placeholders while an expression is built. */
export function createBinder(): { readonly binder: Binder; readonly bindings: Bindings } {
  const bindings: Bindings = { names: {}, values: {} };
  const binder: Binder = {
    name: (attribute) => {
      const parts = attribute.split('\n').map((part) => `#${part.replaceAll(/[^A-Za-z0-9_]/g, '_')}`);
      for (const [at, part] of attribute.split('\n').entries()) bindings.names[parts[at] ?? ''] = part;
      return parts.join('.');
    },
    value: (value) => {
      const placeholder = `:v${Object.keys(bindings.values).length}`;
      bindings.values[placeholder] = value;
      return placeholder;
    },
  };
  return { binder, bindings };
}

function compare(attribute: string, operator: string, value: unknown): Condition {
  return (bind) => `${bind.name(attribute)} ${operator} ${bind.value(value)}`;
}

function join(operator: string, parts: readonly Condition[]): Condition {
  // DynamoDB refuses redundant parentheses.
  const [only] = parts;
  if (only !== undefined && parts.length === 1) return only;
  return (bind) => `(${parts.map((part) => part(bind)).join(` ${operator} `)})`;
}
