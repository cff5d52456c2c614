/** When a CA suggests that a certificate be renewed (RFC 9773 section 4.2), milliseconds since the epoch. */
export type RenewalWindow = { readonly start: number; readonly end: number };

/** A RenewalInfo object, as far as it is used. */
export type RenewalInfo = {
  readonly window: RenewalWindow;
  /** A page on which the CA says why the window is where it is. */
  readonly explanationUrl?: string;
};

/** RFC 3339 section 5.6, date and time with an offset. */
const TIMESTAMP = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/;

/** Longer ones are not repeated to people. Characters. */
const LONGEST_URL = 500;

/** Reads a RenewalInfo object; undefined where it has no window, or one that ends before it begins. */
export function parseRenewalInfo(body: unknown): RenewalInfo | undefined {
  const { suggestedWindow, explanationURL } = fieldsOf(body);
  const fields = fieldsOf(suggestedWindow);
  const start = instantOf(fields.start);
  const end = instantOf(fields.end);
  if (start === undefined || end === undefined || end <= start) return undefined;
  const explanationUrl = urlOf(explanationURL);
  return { window: { start, end }, ...(explanationUrl === undefined ? {} : { explanationUrl }) };
}

/** A window that ends after the certificate does would let it run out; one in the past is a wish to renew at once. */
export function isSane(window: RenewalWindow, { notAfter }: { readonly notAfter: number }): boolean {
  return window.start < window.end && window.end <= notAfter;
}

export function isSameWindow(one: RenewalWindow | undefined, other: RenewalWindow): boolean {
  return one?.start === other.start && one.end === other.end;
}

/** One instant of the window, uniformly random (RFC 9773 section 4.2): drawn once, since drawing again would favour its start. */
export function drawInstant({ start, end }: RenewalWindow, random: () => number): number {
  return Math.min(end - 1, Math.floor(start + (end - start) * random()));
}

/**
 * Whether an order sent now is a renewal that the CA has asked for: it says what it replaces, and the window is open. Let's
 * Encrypt counts such an order towards no limit.
 */
export function isAriRenewal(
  order: { readonly replaces?: string; readonly ariWindow?: RenewalWindow },
  now: number,
): boolean {
  const { replaces, ariWindow } = order;
  return replaces !== undefined && ariWindow !== undefined && now >= ariWindow.start && now < ariWindow.end;
}

function instantOf(value: unknown): number | undefined {
  if (typeof value !== 'string' || !TIMESTAMP.test(value)) return undefined;
  const at = Date.parse(value.toUpperCase());
  return Number.isFinite(at) ? at : undefined;
}

function urlOf(value: unknown): string | undefined {
  const parsed = typeof value === 'string' && value.length <= LONGEST_URL ? URL.parse(value) : null;
  return parsed !== null && /^https?:$/.test(parsed.protocol) ? parsed.href : undefined;
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {};
}
