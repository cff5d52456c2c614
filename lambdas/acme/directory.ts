/** A directory object (RFC 8555 section 7.1.1); unknown fields are kept. */
export type Directory = Readonly<Record<string, unknown>>;

const NEEDED = ['newNonce', 'newAccount', 'newOrder'];

/** Reads a directory; undefined where it is none, or lacks a resource that nothing can be done without. */
export function parseDirectory(body: string): Directory | undefined {
  const parsed = parseJson(body);
  if (typeof parsed !== 'object' || parsed === null) return undefined;
  const fields = new Map<string, unknown>(Object.entries(parsed));
  return NEEDED.every((name) => typeof fields.get(name) === 'string') ? Object.fromEntries(fields) : undefined;
}

/** Where the CA tells when to renew (RFC 9773 section 4.1); undefined where it does not, and knows no `replaces` either. */
export function renewalInfoUrlOf(directory: Directory | undefined): string | undefined {
  const url = directory?.renewalInfo;
  return typeof url === 'string' && url !== '' ? url : undefined;
}

/** Whether the CA offers a profile (draft-ietf-acme-profiles section 3). */
export function listsProfile(directory: Directory | undefined, profile: string): boolean {
  const meta = directory?.meta;
  const profiles = typeof meta === 'object' && meta !== null && 'profiles' in meta ? meta.profiles : undefined;
  return typeof profiles === 'object' && profiles !== null && Object.hasOwn(profiles, profile);
}

/** A body as JSON; undefined where it is none. */
export function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
