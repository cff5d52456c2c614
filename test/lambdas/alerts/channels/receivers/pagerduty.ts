import { z } from 'zod';
import { answer, flawOf, type Receiver } from './receiver.ts';

const common = { routing_key: z.string().length(32), dedup_key: z.string().min(1).max(255) };

// https://developer.pagerduty.com/docs/send-alert-event
const trigger = z.strictObject({
  ...common,
  event_action: z.literal('trigger'),
  payload: z.strictObject({
    summary: z.string().min(1).max(1024),
    source: z.string().min(1),
    severity: z.enum(['critical', 'warning', 'error', 'info']),
    timestamp: z.iso.datetime(),
    component: z.string(),
    class: z.string(),
    custom_details: z.record(z.string(), z.unknown()),
  }),
  links: z.array(z.strictObject({ href: z.url(), text: z.string() })),
});

const event = z.discriminatedUnion('event_action', [
  trigger,
  z.strictObject({ ...common, event_action: z.literal('resolve') }),
]);

/** https://developer.pagerduty.com/docs/events-api-v2-overview: 512 KB; 202 and nothing else is success. */
export const PAGERDUTY_RECEIVER: Receiver = {
  secret: { routingKey: 'R03ABCDEFGHIJKLMNOPQRSTUVWXYZ012' },
  receive: (request) => {
    if (request.url !== 'https://events.pagerduty.com/v2/enqueue') return answer(404, '');
    const flaw = flawOf(event, request);
    if (flaw !== undefined)
      return answer(400, { status: 'invalid event', message: 'Event object is invalid', errors: [flaw] });
    if (Buffer.byteLength(request.body) > 512 * 1024) return answer(413, '');
    return answer(202, { status: 'success', message: 'Event processed', dedup_key: 'x' });
  },
  shown: ({ body }) => {
    const { payload } = JSON.parse(body) as z.output<typeof trigger>;
    const { id, body: text } = payload.custom_details;
    return [payload.summary, text, payload.component, id].join('\n');
  },
};
