import { createHash } from 'node:crypto';
import type {
  ChangeMessageVisibilityRequest,
  GetQueueAttributesRequest,
  GetQueueAttributesResult,
  MessageAttributeValue,
  SendMessageRequest,
  SendMessageResult,
} from '@aws-sdk/client-sqs';
import { AwsFault } from './fault.ts';
import type { FakeAccount } from './seam.ts';
import { expectFields } from './strict-input.ts';

export type SqsAccountOptions = {
  readonly accountId: string;
  readonly region: string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
};

/** How a FIFO queue was made. */
export type SqsQueueSettings = {
  readonly visibilityTimeoutSeconds?: number;
  /** The id of a message without one is the SHA-256 of its body. */
  readonly contentBasedDeduplication?: boolean;
  readonly deadLetters?: { readonly queue: string; readonly maxReceiveCount: number };
};

/** A message as a queue holds it. */
export type SqsMessage = {
  readonly messageId: string;
  readonly body: string;
  readonly group: string;
  readonly attributes: Readonly<Record<string, MessageAttributeValue>>;
};

/** A message as it is handed out. */
export type ReceivedMessage = SqsMessage & { readonly receiptHandle: string; readonly receiveCount: number };

type Held = SqsMessage & { visibleAt: number; receiveCount: number; receiptHandle: string };

type Queue = { readonly settings: SqsQueueSettings; held: Held[]; readonly seen: Map<string, number> };

// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html
const LONGEST_MESSAGE = 1_048_576;
const LONGEST_VISIBILITY_SECONDS = 43_200;
const DEDUPLICATION_MS = 5 * 60_000;
/** What a message may be made of. https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html */
const BODY = /^[\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]+$/u;

/**
 * Amazon SQS in one account and region: FIFO queues. Of a group nothing is handed out while a message of it is hidden, and a
 * message that was sent within five minutes under one id is taken once.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/FIFO-queues-understanding-logic.html
 */
export class SqsAccount implements FakeAccount {
  readonly #options: SqsAccountOptions;
  readonly #queues = new Map<string, Queue>();
  #sent = 0;
  #receipts = 0;

  constructor(options: SqsAccountOptions) {
    this.#options = options;
  }

  /** Makes a FIFO queue of that name. */
  createQueue(name: string, settings: SqsQueueSettings = {}): void {
    this.#queues.set(name, { settings, held: [], seen: new Map() });
  }

  /** Everything that a queue holds, handed out or not. */
  messages(name: string): readonly SqsMessage[] {
    return this.#queue(name).held.map(({ messageId, body, group, attributes }) => ({
      messageId,
      body,
      group,
      attributes,
    }));
  }

  /** Sends a message, as an event rule does. */
  send(name: string, body: string, group: string): void {
    this.#send(this.#queue(name), { MessageBody: body, MessageGroupId: group });
  }

  /** Hands out the next message, hidden from then on; undefined where there is none that may be seen. */
  receive(name: string): ReceivedMessage | undefined {
    const queue = this.#queue(name);
    const now = this.#options.now();
    const hidden = new Set(queue.held.filter(({ visibleAt }) => visibleAt > now).map(({ group }) => group));
    const next = queue.held.find(({ group }) => !hidden.has(group));
    if (next === undefined) return undefined;
    const { deadLetters, visibilityTimeoutSeconds = 30 } = queue.settings;
    if (deadLetters !== undefined && next.receiveCount >= deadLetters.maxReceiveCount) {
      queue.held = queue.held.filter((each) => each !== next);
      this.#queue(deadLetters.queue).held.push({ ...next, visibleAt: now, receiveCount: 0 });
      return this.receive(name);
    }
    this.#receipts += 1;
    next.receiveCount += 1;
    next.visibleAt = now + visibilityTimeoutSeconds * 1000;
    next.receiptHandle = `receipt-${this.#receipts}`;
    return { ...next };
  }

  /** Deletes a message that was handed out. */
  delete(name: string, receiptHandle: string): void {
    const queue = this.#queue(name);
    queue.held = queue.held.filter((each) => each.receiptHandle !== receiptHandle);
  }

  /** Answers one operation of the API. `input` is the SDK's input, the answer its output without metadata. */
  async call(operation: string, input: object): Promise<object> {
    if (operation === 'SendMessage') return this.#sendMessage(expectFields(input, SEND_FIELDS));
    if (operation === 'GetQueueAttributes') return this.#attributes(expectFields(input, ATTRIBUTES_FIELDS));
    if (operation === 'ChangeMessageVisibility') return this.#hide(expectFields(input, VISIBILITY_FIELDS));
    throw new Error(`SqsAccount does not know ${operation}; add it with its rules.`);
  }

  #sendMessage(request: SendMessageRequest): SendMessageResult {
    for (const { StringValue, DataType } of Object.values(request.MessageAttributes ?? {}))
      if (DataType !== 'String' || StringValue === undefined || !BODY.test(StringValue))
        throw new AwsFault('InvalidParameterValue', 'An attribute must be a String with a value.');
    const MessageId = this.#send(this.#queue(this.#nameOf(request.QueueUrl)), request);
    // The client compares it with what it has sent.
    return {
      MessageId,
      MD5OfMessageBody: createHash('md5')
        .update(request.MessageBody ?? '')
        .digest('hex'),
    };
  }

  #send(queue: Queue, request: Omit<SendMessageRequest, 'QueueUrl'>): string {
    const { MessageBody: body = '', MessageGroupId: group, MessageDeduplicationId, MessageAttributes = {} } = request;
    if (!BODY.test(body))
      throw new AwsFault('InvalidMessageContents', 'The message is empty or has a character that is not allowed.');
    if (Buffer.byteLength(body) > LONGEST_MESSAGE)
      throw new AwsFault('InvalidParameterValue', 'The message is too long.');
    if (group === undefined)
      throw new AwsFault('MissingParameter', 'The request must contain the parameter MessageGroupId.');
    const content = queue.settings.contentBasedDeduplication
      ? createHash('sha256').update(body).digest('hex')
      : undefined;
    const id = MessageDeduplicationId ?? content;
    if (id === undefined)
      throw new AwsFault(
        'InvalidParameterValue',
        'The queue needs ContentBasedDeduplication or a MessageDeduplicationId.',
      );
    this.#sent += 1;
    const messageId = `message-${this.#sent}`;
    const now = this.#options.now();
    const isDoubled = now - (queue.seen.get(id) ?? Number.NEGATIVE_INFINITY) < DEDUPLICATION_MS;
    if (isDoubled) return messageId;
    queue.seen.set(id, now);
    queue.held.push({
      messageId,
      body,
      group,
      attributes: MessageAttributes,
      visibleAt: now,
      receiveCount: 0,
      receiptHandle: '',
    });
    return messageId;
  }

  #hide({ QueueUrl, ReceiptHandle, VisibilityTimeout: seconds = 0 }: ChangeMessageVisibilityRequest): object {
    const queue = this.#queue(this.#nameOf(QueueUrl));
    if (!Number.isInteger(seconds) || seconds < 0 || seconds > LONGEST_VISIBILITY_SECONDS)
      throw new AwsFault('InvalidParameterValue', `VisibilityTimeout ${seconds} is not within 0 and 43200.`);
    const found = queue.held.find(({ receiptHandle }) => receiptHandle === ReceiptHandle);
    if (found === undefined) throw new AwsFault('ReceiptHandleIsInvalid', 'The receipt handle is not valid.');
    found.visibleAt = this.#options.now() + seconds * 1000;
    return {};
  }

  /** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_GetQueueAttributes.html: numbers are texts. */
  #attributes({ QueueUrl, AttributeNames = [] }: GetQueueAttributesRequest): GetQueueAttributesResult {
    const { held } = this.#queue(this.#nameOf(QueueUrl));
    const unknown = AttributeNames.find((name) => name !== 'ApproximateNumberOfMessages');
    if (unknown !== undefined) throw new Error(`SqsAccount does not know the attribute ${unknown}; add it.`);
    if (AttributeNames.length === 0) return {};
    // What is hidden is counted by another attribute.
    const visible = held.filter(({ visibleAt }) => visibleAt <= this.#options.now());
    return { Attributes: { ApproximateNumberOfMessages: String(visible.length) } };
  }

  #nameOf(url = ''): string {
    const { accountId, region } = this.#options;
    const base = `https://sqs.${region}.amazonaws.com/${accountId}/`;
    return url.startsWith(base) ? url.slice(base.length) : '';
  }

  #queue(name: string): Queue {
    const queue = this.#queues.get(name);
    if (queue === undefined) throw new AwsFault('QueueDoesNotExist', `The queue ${name} does not exist.`);
    return queue;
  }
}

const SEND_FIELDS = [
  'QueueUrl',
  'MessageBody',
  'MessageGroupId',
  'MessageDeduplicationId',
  'MessageAttributes',
] as const;
const ATTRIBUTES_FIELDS = ['QueueUrl', 'AttributeNames'] as const;
const VISIBILITY_FIELDS = ['QueueUrl', 'ReceiptHandle', 'VisibilityTimeout'] as const;
