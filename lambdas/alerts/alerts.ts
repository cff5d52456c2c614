import { type EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { PublishCommand, type SNSClient } from '@aws-sdk/client-sns';
import { awsErrorFacts } from '../core/aws-failure.ts';
import { EVENT_SCHEMA, EVENT_SOURCE } from '../core/event-names.ts';
import { StepFailure } from '../core/failure.ts';
import { PartlyTold, type Told } from '../core/partly-told.ts';
import type { Alerts } from '../core/ports.ts';
import type { OutboxMessage } from '../core/rows.ts';
import { cutBytes } from './cut.ts';
import { snsBody, snsSubject } from './sns-text.ts';

/** Where alerts go: the default event bus, and a topic. */
export type AlertsSettings = {
  readonly sns: SNSClient;
  readonly eventBridge: EventBridgeClient;
  readonly topicArn: string;
};

/**
 * Tells machines through EventBridge, always, and people through SNS, where the message asks for it. Neither waits for the
 * other: a broken bus must not silence people. When one of them failed, a `transient` {@link StepFailure} is thrown, so that
 * the message stays in its outbox and is told again; readers know a repeated one by its id. Where only one of the two failed
 * that is a {@link PartlyTold}.
 */
export function createAlerts(settings: AlertsSettings): Alerts {
  return {
    publish: async (message) => {
      const { notify, told } = message;
      const ways: readonly (readonly [Told, () => Promise<void>])[] = [
        ...(told === 'machines' ? [] : [['machines', () => putEvent(settings, message)] as const]),
        ...(!notify || told === 'people' ? [] : [['people', () => publishToTopic(settings, message)] as const]),
      ];
      const outcomes = await Promise.allSettled(ways.map(([, tell]) => tell()));
      const failed = outcomes.find((outcome) => outcome.status === 'rejected');
      if (failed === undefined) return;
      const reason: unknown = failed.reason;
      const [done] = ways.flatMap(([way], at) => (outcomes[at]?.status === 'fulfilled' ? [way] : []));
      throw done !== undefined && reason instanceof StepFailure
        ? new PartlyTold(done, reason.detail, { cause: reason })
        : reason;
    },
  };
}

async function putEvent({ eventBridge, topicArn }: AlertsSettings, message: OutboxMessage): Promise<void> {
  const doing = `Putting event ${message.id} on the default event bus`;
  const answer = await eventBridge
    .send(new PutEventsCommand({ Entries: [entryOf(message, topicArn)] }))
    .catch((error) => {
      const { name, message: said } = awsErrorFacts(error);
      throw untold(doing, name, said, error);
    });
  // A refused entry is no error of the request.
  if (answer.FailedEntryCount === 0) return;
  const { ErrorCode = 'EventRefused', ErrorMessage = 'no reason given' } = answer.Entries?.[0] ?? {};
  throw untold(doing, ErrorCode, ErrorMessage);
}

/** Far below what an event may hold, and more than any channel shows. */
const LONGEST_BODY_BYTES = 60_000;

/** The topic as resource tells the stacks of one account apart; the body is what channels tell people of it. */
function entryOf(message: OutboxMessage, topicArn: string) {
  const { id, certificate, at, subject, body, notify, event, detail } = message;
  const said = { subject, notify, body: cutBytes(body, LONGEST_BODY_BYTES) };
  const told = { ...detail, schema: EVENT_SCHEMA, id, certificate, at, ...said };
  return {
    Source: EVENT_SOURCE,
    DetailType: event,
    Time: new Date(at),
    Resources: [topicArn],
    Detail: JSON.stringify(told),
  };
}

async function publishToTopic({ sns, topicArn }: AlertsSettings, message: OutboxMessage): Promise<void> {
  const command = new PublishCommand({
    TopicArn: topicArn,
    Subject: snsSubject(message.subject),
    Message: snsBody(message),
  });
  await sns.send(command).catch((error) => {
    const { name, message: said } = awsErrorFacts(error);
    throw untold(`Publishing message ${message.id} to ${topicArn}`, name, said, error);
  });
}

function untold(doing: string, code: string, said: string, cause?: unknown): StepFailure {
  const message = `${doing} failed: ${code}: ${said}`;
  return new StepFailure({ class: 'transient', code, message }, { cause });
}
