/** Fields that hold instants, by the names that rows give them. */
const INSTANT = /(At|Until|^notBefore|^notAfter|^since|^until|^at|^now)$/;

/** What a program reads: one line of JSON, instants as ISO 8601 in UTC. */
export function toJson(data: object): string {
  return JSON.stringify(data, (key, value: unknown) =>
    typeof value === 'number' && INSTANT.test(key) ? new Date(value).toISOString() : value,
  );
}
