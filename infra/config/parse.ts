import type { z } from 'zod';
import type { ConfigPath, Problems } from './problems.ts';

/** A part of the configuration as its schema has it; undefined when it was refused, with every problem told. */
export function parsePart<Schema extends z.ZodType>(
  schema: Schema,
  input: unknown,
  path: ConfigPath,
  problems: Problems,
): z.output<Schema> | undefined {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  for (const issue of result.error.issues) {
    if (issue.code === 'unrecognized_keys')
      addUnknownKeys(issue.keys, [...path, ...issue.path], valueAt(input, issue.path), problems);
    else problems.add([...path, ...issue.path], valueAt(input, issue.path), issue.message);
  }
  return undefined;
}

function addUnknownKeys(keys: readonly string[], path: ConfigPath, holder: unknown, problems: Problems): void {
  for (const key of keys)
    problems.add([...path, key], valueAt(holder, [key]) ?? null, 'remove it, there is no such field');
}

function valueAt(input: unknown, path: ConfigPath): unknown {
  return path.reduce<unknown>((value, key) => {
    return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
  }, input);
}
