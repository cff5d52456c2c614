import { PublishCommand, type SNSClient } from '@aws-sdk/client-sns';
import type { Alert } from '../../core/alert.ts';
import type { AlertChannel } from '../../core/alert-ports.ts';
import { threadOf } from '../../core/alert-thread.ts';
import { awsErrorFacts } from '../../core/aws-failure.ts';
import { cutText } from '../cut.ts';
import { escapeAngles } from './text.ts';

const LONGEST_TITLE = 250;
const LONGEST_DESCRIPTION = 4_000;
const LONGEST_STEP = 350;
const LONGEST_CONTEXT = 250;
const MOST = 10;

/** Publishes to the topic that the user's configuration of Amazon Q Developer subscribes to. */
export function createAmazonQ(sns: SNSClient, topicArn: string): AlertChannel {
  return {
    deliver: async (alert) => {
      try {
        await sns.send(new PublishCommand({ TopicArn: topicArn, Message: JSON.stringify(customNotification(alert)) }));
        return { outcome: 'delivered' };
      } catch (error) {
        const { name, message } = awsErrorFacts(error);
        return { outcome: 'later', reason: `publishing to ${topicArn} failed: ${name}: ${message}` };
      }
    },
  };
}

/** Lines of a body that say what is to be done, or what Perennial will do. */
const STEP = /^(A person must|Perennial (tries|renews|deletes)|Nothing is to be done|Nothing else is to be done|See )/;

/**
 * A message as Amazon Q Developer in chat applications takes it; it drops anything else without a word. Its Markdown is the
 * chat's own, so only what could mention people or hide links is escaped.
 * https://docs.aws.amazon.com/chatbot/latest/adminguide/custom-notifs.html
 */
export function customNotification(alert: Alert): object {
  const { id, event, certificate, subject, body, facts } = alert;
  const lines = body.split('\n').filter((line) => line.trim() !== '');
  const steps = lines.filter((line) => STEP.test(line)).slice(0, MOST);
  const description = lines.filter((line) => !steps.includes(line)).join('\n');
  return {
    version: '1.0',
    source: 'custom',
    id,
    content: {
      textType: 'client-markdown',
      title: escapeAngles(cutText(subject, LONGEST_TITLE)),
      description: escapeAngles(cutText(description || subject, LONGEST_DESCRIPTION)),
      ...(steps.length > 0 && { nextSteps: steps.map((step) => escapeAngles(cutText(step, LONGEST_STEP))) }),
      keywords: ['perennial', cutText(certificate, 75), event],
    },
    metadata: {
      threadId: threadOf(alert),
      summary: cutText(subject, LONGEST_TITLE),
      eventType: event,
      relatedResources: arnsOf(facts),
      additionalContext: Object.fromEntries(
        Object.entries({ certificate, ...facts }).map(([key, value]) => [key, cutText(String(value), LONGEST_CONTEXT)]),
      ),
    },
  };
}

function arnsOf(facts: Alert['facts']): readonly string[] {
  return Object.values(facts)
    .filter((value) => typeof value === 'string')
    .filter((value) => value.startsWith('arn:'))
    .slice(0, MOST);
}
