/** A message for people on its way to one channel. */
export type Alert = {
  /** The same however often it is told. */
  readonly id: string;
  /** `certificate.failing` and the like; a later version may know others. */
  readonly event: string;
  readonly certificate: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly subject: string;
  readonly body: string;
  /** The topic of the stack that tells it: what tells two stacks of one account apart. */
  readonly topicArn: string;
  readonly facts: Readonly<Record<string, string | number | boolean>>;
};

/** What a channel's queue holds: the rule that fills it writes it (`infra/channels.ts`). */
export type QueuedAlert = { readonly channel: string; readonly alert: Alert };

/** Reads a queue's message; undefined where it is none of ours. */
export function parseQueuedAlert(body: string): QueuedAlert | undefined {
  const { channel, event, topicArn, message } = recordOf(jsonOf(body));
  const { id, certificate, at, subject, body: text, notify: _notify, ...rest } = recordOf(message);
  if (![channel, event, topicArn, id, certificate, subject, text].every((each) => typeof each === 'string'))
    return undefined;
  const said = { event, topicArn, id, certificate, subject, body: text } as Omit<Alert, 'at' | 'facts'>;
  return { channel: String(channel), alert: { ...said, at: instantOf(at), facts: factsOf(rest) } };
}

/** Perennial's own events have milliseconds, those of AWS a date. */
function instantOf(at: unknown): number {
  return typeof at === 'string' ? Date.parse(at) : Number(at);
}

function factsOf(rest: Readonly<Record<string, unknown>>): Alert['facts'] {
  const kept = Object.entries(rest).filter(([, value]) => ['string', 'number', 'boolean'].includes(typeof value));
  return Object.fromEntries(kept) as Alert['facts'];
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
