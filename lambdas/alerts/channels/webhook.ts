import { signedHeaders } from '../../core/webhook-signature.ts';
import type { HttpChannel } from './channel.ts';

/**
 * An HTTPS endpoint of the user's own, signed as the target of that name is (`targets/webhook.ts`); `id` is the same whenever
 * one message is told again.
 */
export const WEBHOOK: HttpChannel = {
  secretFields: ['url', 'secret'],
  request: (alert, { url = '', secret = '' }, _declaration, now) => {
    const { id, event, certificate, at, subject, body: text, facts } = alert;
    const body = JSON.stringify({ id, event, certificate, at: new Date(at).toISOString(), subject, text, facts });
    return { url, headers: signedHeaders(secret, body, now), body };
  },
  refusal: () => undefined,
};
