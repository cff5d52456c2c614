import type {
  PutEventsRequest,
  PutEventsRequestEntry,
  PutEventsResponse,
  PutEventsResultEntry,
} from '@aws-sdk/client-eventbridge';
import { AwsFault } from './fault.ts';
import type { FakeAccount } from './seam.ts';
import { expectFields } from './strict-input.ts';

export type EventBridgeAccountOptions = {
  /** Milliseconds since the epoch: the time of an event that names none. */
  readonly now: () => number;
  /** Sees every entry that is about to be accepted; throws where the account's owner would not have put it. */
  readonly check?: (entry: PutEventsRequestEntry, detail: object | undefined) => void;
  /** What rules make of an event. */
  readonly onEvent?: (event: BusEvent) => void;
};

/** An event that the default bus has accepted. */
export type BusEvent = {
  readonly id: string;
  readonly source: string;
  readonly detailType: string;
  readonly detail: unknown;
  readonly resources: readonly string[];
  /** Milliseconds since the epoch. */
  readonly time: number;
};

// https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html
const MOST_ENTRIES = 10;
const LONGEST_ENTRY = 262_144;
const LONGEST_SOURCE = 256;
const LONGEST_DETAIL_TYPE = 128;

/**
 * Amazon EventBridge in one account and region: PutEvents on the default bus. As at AWS one refused entry refuses no other;
 * it is told in the answer, not as an error.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevents.html
 */
export class EventBridgeAccount implements FakeAccount {
  readonly #options: EventBridgeAccountOptions;
  readonly #events: BusEvent[] = [];

  constructor(options: EventBridgeAccountOptions) {
    this.#options = options;
  }

  /** What was accepted so far, in order. */
  events(): readonly BusEvent[] {
    return [...this.#events];
  }

  /** Answers one operation of the API. `input` is the SDK's input, the answer its output without metadata. */
  async call(operation: string, input: object): Promise<object> {
    if (operation !== 'PutEvents') {
      throw new Error(`EventBridgeAccount does not know ${operation}; add it with its rules.`);
    }
    return this.#putEvents(expectFields(input, ['Entries']));
  }

  #putEvents(request: PutEventsRequest): PutEventsResponse {
    const entries = request.Entries ?? [];
    if (entries.length < 1 || entries.length > MOST_ENTRIES) {
      throw new AwsFault('ValidationException', `Entries has ${entries.length}; 1 to ${MOST_ENTRIES} are allowed.`);
    }
    entries.forEach(checkEntry);
    const results = entries.map((entry) => this.#putEvent(entry));
    const FailedEntryCount = results.filter((result) => result.ErrorCode !== undefined).length;
    return { FailedEntryCount, Entries: results };
  }

  #putEvent(entry: PutEventsRequestEntry): PutEventsResultEntry {
    const detail = parseObject(entry.Detail ?? '');
    const refusal = refusalOf(entry, detail);
    if (refusal) return refusal;
    this.#options.check?.(entry, detail);
    const id = `event-${this.#events.length + 1}`;
    const event = {
      id,
      source: entry.Source ?? '',
      detailType: entry.DetailType ?? '',
      detail,
      resources: entry.Resources ?? [],
      time: entry.Time?.getTime() ?? this.#options.now(),
    };
    this.#events.push(event);
    this.#options.onEvent?.(event);
    return { EventId: id };
  }
}

/** What refuses the whole request. */
function checkEntry(entry: PutEventsRequestEntry): void {
  expectFields(entry, ['Source', 'DetailType', 'Detail', 'Resources', 'Time', 'EventBusName']);
  if (entry.EventBusName !== undefined && entry.EventBusName !== 'default') {
    throw new Error(`EventBridgeAccount has the default bus only, not ${entry.EventBusName}.`);
  }
  const size = sizeOf(entry);
  if (size >= LONGEST_ENTRY) {
    throw new AwsFault('ValidationException', `An entry has ${size} bytes; less than ${LONGEST_ENTRY} are allowed.`);
  }
}

/** What refuses one entry; undefined when it is right. */
function refusalOf(entry: PutEventsRequestEntry, detail: object | undefined): PutEventsResultEntry | undefined {
  const { Source: source = '', DetailType: detailType = '' } = entry;
  if (source.length < 1 || source.length > LONGEST_SOURCE) {
    return { ErrorCode: 'InvalidArgument', ErrorMessage: `Source needs 1 to ${LONGEST_SOURCE} characters.` };
  }
  if (detailType.length < 1 || detailType.length > LONGEST_DETAIL_TYPE) {
    return { ErrorCode: 'InvalidArgument', ErrorMessage: `DetailType needs 1 to ${LONGEST_DETAIL_TYPE} characters.` };
  }
  if (source.startsWith('aws.')) {
    return { ErrorCode: 'NotAuthorizedForSourceException', ErrorMessage: `${source} is a source of AWS.` };
  }
  return detail ? undefined : { ErrorCode: 'MalformedDetail', ErrorMessage: 'Detail is no JSON object.' };
}

/** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevent-size.html */
function sizeOf(entry: PutEventsRequestEntry): number {
  const texts = [entry.Source, entry.DetailType, entry.Detail, ...(entry.Resources ?? [])];
  const time = entry.Time ? 14 : 0;
  return texts.reduce((size, text) => size + Buffer.byteLength(text ?? ''), time);
}

function parseObject(json: string): object | undefined {
  try {
    const parsed: unknown = JSON.parse(json);
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}
