import type {
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
/** ASCII without control characters, beginning with a letter, number or punctuation mark. */
const SUBJECT = /^[\x21-\x7e][\x20-\x7e]*$/;

/** Amazon SNS in one account and region: standard topics and Publish, with the rules for subject and size. */
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

  /** Subscribes to a topic; what is not confirmed has no ARN and is delivered nothing. */
  subscribe(topicArn: string, protocol: string, endpoint: string, confirmed: boolean): void {
    const arn = confirmed ? `${topicArn}:${this.#subscriptions.length + 1}` : 'PendingConfirmation';
    const Owner = this.#options.accountId;
    this.#subscriptions.push({
      SubscriptionArn: arn,
      Owner,
      Protocol: protocol,
      Endpoint: endpoint,
      TopicArn: topicArn,
    });
  }

  /** What was accepted so far, in order. */
  messages(): readonly SnsMessage[] {
    return [...this.#messages];
  }

  /** Answers one operation of the API. `input` is the SDK's input, the answer its output without metadata. */
  async call(operation: string, input: object): Promise<object> {
    if (operation === 'ListSubscriptionsByTopic') return this.#list(expectFields(input, ['TopicArn']));
    if (operation !== 'Publish') throw new Error(`SnsAccount does not know ${operation}; add it with its rules.`);
    return this.#publish(expectFields(input, ['TopicArn', 'Subject', 'Message']));
  }

  /** https://docs.aws.amazon.com/sns/latest/api/API_ListSubscriptionsByTopic.html */
  #list({ TopicArn: topicArn = '' }: { readonly TopicArn?: string }): ListSubscriptionsByTopicResponse {
    this.#expectTopic(topicArn);
    return { Subscriptions: this.#subscriptions.filter(({ TopicArn }) => TopicArn === topicArn) };
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
