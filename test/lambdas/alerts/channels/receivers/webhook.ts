import { createHmac } from 'node:crypto';
import { z } from 'zod';
import { answer, flawOf, type Receiver } from './receiver.ts';

const message = z.strictObject({
  id: z.string().min(1),
  event: z.string(),
  certificate: z.string(),
  at: z.iso.datetime(),
  subject: z.string(),
  text: z.string(),
  facts: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
});

/** As `docs/configuration.md` tells users to write one. */
export const WEBHOOK_RECEIVER: Receiver = {
  secret: { url: 'https://hook.test/alerts?token=0123456789abcdef', secret: 'whsec_0123456789' },
  receive: (request, now) => {
    const { 'Perennial-Timestamp': timestamp = '', 'Perennial-Signature': signature } = request.headers;
    const { secret = '' } = WEBHOOK_RECEIVER.secret;
    const expected = createHmac('sha256', secret).update(`${timestamp}.${request.body}`).digest('hex');
    if (signature !== `v1=${expected}` || Math.abs(Number(timestamp) * 1000 - now) > 300_000) return answer(401, '');
    const flaw = flawOf(message, request);
    return flaw === undefined ? answer(204, '') : answer(400, flaw);
  },
  shown: ({ body }) => {
    const { subject, text, certificate, id } = JSON.parse(body) as z.output<typeof message>;
    return [subject, text, certificate, id].join('\n');
  },
};
