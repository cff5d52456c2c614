/**
 * The input as the operation's request, when it has no other fields than `known` (fields that are undefined do not
 * count). A fake that ignores a field would hide that the rule behind it is missing.
 */
export function expectFields<Request>(input: object, known: readonly (keyof Request & string)[]): Request {
  for (const [field, value] of Object.entries(input)) {
    if (value !== undefined && !known.some((name) => name === field)) {
      throw new Error(`This fake does not know the field ${field}; add it with its rules.`);
    }
  }
  return input as Request;
}
