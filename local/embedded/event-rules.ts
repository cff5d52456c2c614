import type { BusEvent } from '../aws/eventbridge.ts';
import type { SqsAccount } from '../aws/sqs.ts';
import { resolveText, resolveValue, type TemplateResources } from './template-values.ts';

/** A rule that puts events into a FIFO queue, as the stack defines it. */
type QueueRule = {
  readonly pattern: Readonly<Record<string, unknown>>;
  readonly queue: string;
  readonly group: string;
  readonly paths: Readonly<Record<string, string>>;
  readonly template: string;
};

type RuleTarget = {
  readonly Arn: unknown;
  readonly SqsParameters?: { readonly MessageGroupId: string };
  readonly InputTransformer?: { readonly InputPathsMap: Record<string, string>; readonly InputTemplate: unknown };
};

/** Every queue of the stack, made; its rules, as what happens to an event. */
export function connectEventRules(resources: TemplateResources, sqs: SqsAccount): (event: BusEvent) => void {
  createQueues(resources, sqs);
  const rules = queueRules(resources);
  return (event) => {
    const seen = {
      source: event.source,
      'detail-type': event.detailType,
      resources: event.resources,
      detail: event.detail,
    };
    for (const rule of rules) if (matches(rule.pattern, seen)) sqs.send(rule.queue, inputOf(rule, seen), rule.group);
  };
}

function createQueues(resources: TemplateResources, sqs: SqsAccount): void {
  for (const [name, { Type, Properties }] of Object.entries(resources)) {
    if (Type !== 'AWS::SQS::Queue') continue;
    const redrive = Properties.RedrivePolicy as { deadLetterTargetArn: unknown; maxReceiveCount: number } | undefined;
    sqs.createQueue(name, {
      visibilityTimeoutSeconds: Number(Properties.VisibilityTimeout ?? 30),
      contentBasedDeduplication: Properties.ContentBasedDeduplication === true,
      ...(redrive && {
        deadLetters: {
          queue: lastPart(resolveText(redrive.deadLetterTargetArn, resources)),
          maxReceiveCount: redrive.maxReceiveCount,
        },
      }),
    });
  }
}

function queueRules(resources: TemplateResources): readonly QueueRule[] {
  return Object.values(resources).flatMap(({ Type, Properties }) => {
    if (Type !== 'AWS::Events::Rule') return [];
    const pattern = resolveValue(Properties.EventPattern, resources) as QueueRule['pattern'];
    return (Properties.Targets as readonly RuleTarget[]).flatMap(({ Arn, SqsParameters, InputTransformer }) => {
      if (SqsParameters === undefined || InputTransformer === undefined) return [];
      const template = resolveText(InputTransformer.InputTemplate, resources);
      const queue = lastPart(resolveText(Arn, resources));
      return [{ pattern, queue, group: SqsParameters.MessageGroupId, paths: InputTransformer.InputPathsMap, template }];
    });
  });
}

/**
 * Each field of the pattern lists what the event's may be; of a list one value is enough.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern.html
 */
function matches(pattern: Readonly<Record<string, unknown>>, event: Readonly<Record<string, unknown>>): boolean {
  return Object.entries(pattern).every(([field, wanted]) => {
    const found = event[field];
    if (Array.isArray(wanted)) return [found].flat().some((value) => wanted.includes(value));
    return typeof found === 'object' && found !== null && matches(wanted as QueueRule['pattern'], { ...found });
  });
}

/** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html */
function inputOf({ paths, template }: QueueRule, event: Readonly<Record<string, unknown>>): string {
  const input = template.replace(/<([^>]+)>/g, (_, name: string) => {
    const path = paths[name];
    if (path === undefined) throw new Error(`the input template names <${name}>, which has no path`);
    return JSON.stringify(event[path.replace(/^\$\./, '')]);
  });
  return JSON.stringify(JSON.parse(input));
}

function lastPart(arn: string): string {
  return arn.split(':').at(-1) ?? '';
}
