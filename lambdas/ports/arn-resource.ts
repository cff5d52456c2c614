import type { CloudFormationCustomResourceEvent, Context } from 'aws-lambda';
import type { AwaitArnPorts } from '../steps/await-arn.ts';
import { awaitArn } from '../steps/await-arn.ts';
import { answerCloudFormation } from './custom-resource.ts';

/** What CloudFormation sends, and since when an earlier invocation has waited. */
export type ArnResourceEvent = CloudFormationCustomResourceEvent & { readonly waitingSince?: number };

export type ArnResourcePorts = Omit<AwaitArnPorts, 'deadline'> & {
  /** Has another invocation go on with this event. */
  readonly goOn: (event: ArnResourceEvent) => Promise<void>;
};

/** Kept of an invocation's time for its answer, milliseconds. */
const ANSWER_MS = 30_000;

/**
 * The custom resource that has a stack wait for the ARN of a certificate: its attribute `Arn`. A Lambda's 15 minutes are
 * shorter than the wait, so an invocation that has used its own hands the event to another. Deletion waits for nothing.
 */
export async function answerWithArn(event: ArnResourceEvent, context: Context, ports: ArnResourcePorts): Promise<void> {
  if (event.RequestType === 'Delete') return answerCloudFormation(event, context, event.PhysicalResourceId, done);
  const { certificate, target, parameter } = event.ResourceProperties;
  const since = event.waitingSince ?? ports.clock.now();
  const wanted = {
    certificate: String(certificate),
    target: String(target),
    parameter: String(parameter),
    since,
  };
  const deadline = ports.clock.now() + context.getRemainingTimeInMillis() - ANSWER_MS;
  const waited = await outcomeOf(async () => {
    const arn = await awaitArn(wanted, { ...ports, deadline });
    if (arn === undefined) await ports.goOn({ ...event, waitingSince: since });
    return arn;
  });
  if ('arn' in waited && waited.arn === undefined) return;
  await answerCloudFormation(event, context, wanted.parameter, async () => {
    if ('error' in waited) throw waited.error;
    return { Arn: waited.arn ?? '' };
  });
}

type Waited = { readonly arn: string | undefined } | { readonly error: unknown };

async function outcomeOf(work: () => Promise<string | undefined>): Promise<Waited> {
  try {
    return { arn: await work() };
  } catch (error) {
    return { error };
  }
}

async function done(): Promise<Readonly<Record<string, string>>> {
  return {};
}
