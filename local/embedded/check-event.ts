import type { PutEventsRequestEntry } from '@aws-sdk/client-eventbridge';
import { z } from 'zod';
import { EVENT_SCHEMAS } from '../../infra/events/event-schemas.ts';
import { EVENT_SOURCE } from '../../lambdas/core/event-names.ts';

/** Throws where an event of Perennial's is not what is published of it, in whichever suite it is put. */
export function checkEvent({ Source, DetailType = '' }: PutEventsRequestEntry, detail: object | undefined): void {
  if (Source !== EVENT_SOURCE) return;
  const schema = Object.entries(EVENT_SCHEMAS).find(([name]) => name === DetailType)?.[1];
  if (schema === undefined) throw new Error(`docs/events has no schema of ${DetailType}`);
  const { error } = schema.safeParse(detail);
  if (error) throw new Error(`${DetailType} is not what docs/events says: ${z.prettifyError(error)}`);
}
