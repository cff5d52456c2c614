/** A domain name as Perennial compares it: lower case, without trailing dot, Route 53's `\052` as `*`. */
export function canonicalName(name: string): string {
  return name
    .replace(/\.$/, '')
    .replace(/\\([0-3][0-7]{2})/g, (_all, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)))
    .toLowerCase();
}

/** The name and the names above it, longest first; the root is left out. */
export function nameAndParents(name: string): readonly string[] {
  const labels = name.split('.');
  return labels.map((_label, at) => labels.slice(at).join('.'));
}

/** Whether a canonical name is the zone's or below it. */
export function isWithin(name: string, zone: string): boolean {
  return name === zone || name.endsWith(`.${zone}`);
}
