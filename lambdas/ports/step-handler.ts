import type { Context } from 'aws-lambda';
import type { Clock } from '../core/ports.ts';
import { withDeadline } from './lambda-parts.ts';
import { type LogParts, logged } from './logged.ts';

/**
 * A Lambda's handler that calls a step with ports that end with the invocation, and logs how that ended.
 *
 * @param name Of the handler's file.
 */
export function stepHandler<Event, Ports extends LogParts & { readonly clock: Clock }, Answer>(
  name: string,
  ports: Ports,
  step: (event: Event, ports: Ports & { readonly deadline: number }) => Promise<Answer>,
): (event: Event, context: Context) => Promise<Answer> {
  return (event, context) => logged(name, ports, event, () => step(event, withDeadline(ports, context)));
}
