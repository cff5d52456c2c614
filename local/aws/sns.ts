import type {
  ListSubscriptionsByTopicInput,
  ListSubscriptionsByTopicResponse,
  PublishInput,
  PublishResponse,
  Subscription,
} from '@aws-sdk/client-sns';
import { AwsFault } from './fault.ts';
import type { FakeAccount } from './seam.ts';
import { expectFields } from './strict-input.ts';

export type SnsAccountOptions = { readonly accountId: string; readonly region: string };

/** A message that a topic has accepted. */
export type SnsMessage = {
  readonly messageId: string;
  readonly topicArn: string;
  readonly subject: string | undefined;
  readonly message: string;
};

// https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
const LONGEST_MESSAGE = 262_144;
const LONGEST_SUBJECT = 99;
const PAGE = 100;
/** ASCII without control characters, beginning with a letter, number or punctuation mark. */
const SUBJECT = /^[\x21-\x7e][\x20-\x7e]*$/;

/** Amazon SNS in one account and region: standard topics, Publish and who subscribes, with the rules for subject and size. */
export class SnsAccount implements FakeAccount {
  readonly #options: SnsAccountOptions;
  readonly #topics = new Set<string>();
  readonly #messages: SnsMessage[] = [];
  readonly #subscriptions: Subscription[] = [];

  constructor(options: SnsAccountOptions) {
    this.#options = options;
  }

  /** Makes a topic, or finds it made; its ARN. */
  createTopic(name: string): string {
    const arn = `arn:aws:sns:${this.#options.region}:${this.#options.accountId}:${name}`;
    this.#topics.add(arn);
    return arn;
  }

  /** Subscribes, as the stack does; {@link confirm} is what the subscriber does. */
  subscribe(topicArn: string, protocol: string, endpoint: string, confirmed = false): void {
    this.#subscriptions.push({
      TopicArn: topicArn,
      Protocol: protocol,
      Endpoint: endpoint,
      Owner: this.#options.accountId,
      SubscriptionArn: confirmed ? `${topicArn}:${this.#subscriptions.length + 1}` : 'PendingConfirmation',
    });
  }

  /** Confirms all subscriptions of an endpoint. */
  confirm(endpoint: string): void {
    for (const [at, each] of this.#subscriptions.entries()) {
      if (each.Endpoint !== endpoint) continue;
      this.#subscriptions[at] = { ...each, SubscriptionArn: `${each.TopicArn}:${at + 1}` };
    }
  }

  /** Deletes a topic, as somebody in the console may. */
  deleteTopic(topicArn: string): void {
    this.#topics.delete(topicArn);
  }

  /** What was accepted so far, in order. */
  messages(): readonly SnsMessage[] {
    return [...this.#messages];
  }

  /** Answers one operation of the API. `input` is the SDK's input, the answer its output without metadata. */
  async call(operation: string, input: object): Promise<object> {
    if (operation === 'Publish') return this.#publish(expectFields(input, ['TopicArn', 'Subject', 'Message']));
    if (operation === 'ListSubscriptionsByTopic') return this.#list(expectFields(input, ['TopicArn', 'NextToken']));
    throw new Error(`SnsAccount does not know ${operation}; add it with its rules.`);
  }

  /** https://docs.aws.amazon.com/sns/latest/api/API_ListSubscriptionsByTopic.html: 100 a page. */
  #list({
    TopicArn: topicArn = '',
    NextToken: token,
  }: ListSubscriptionsByTopicInput): ListSubscriptionsByTopicResponse {
    this.#expectTopic(topicArn);
    const from = Number(token ?? 0);
    const all = this.#subscriptions.filter((each) => each.TopicArn === topicArn);
    const next = from + PAGE < all.length ? { NextToken: String(from + PAGE) } : {};
    return { Subscriptions: all.slice(from, from + PAGE), ...next };
  }

  #expectTopic(topicArn: string): void {
    if (!this.#topics.has(topicArn)) throw new AwsFault('NotFoundException', `Topic ${topicArn} does not exist.`, 404);
  }

  #publish(request: PublishInput): PublishResponse {
    const { TopicArn: topicArn = '', Subject: subject, Message: message = '' } = request;
    this.#expectTopic(topicArn);
    checkSubject(subject);
    const size = Buffer.byteLength(message);
    if (size < 1 || size > LONGEST_MESSAGE) {
      throw new AwsFault(
        'InvalidParameterException',
        `Message has ${size} bytes; 1 to ${LONGEST_MESSAGE} are allowed.`,
      );
    }
    const messageId = `message-${this.#messages.length + 1}`;
    this.#messages.push({ messageId, topicArn, subject, message });
    return { MessageId: messageId };
  }
}

function checkSubject(subject: string | undefined): void {
  if (subject === undefined) return;
  if (subject.length <= LONGEST_SUBJECT && SUBJECT.test(subject)) return;
  throw new AwsFault(
    'InvalidParameterException',
    `Subject "${subject}" is not 1 to ${LONGEST_SUBJECT} ASCII characters.`,
  );
}
