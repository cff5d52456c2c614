import type { Alert } from '../../core/alert.ts';
import type { AlertChannel, Delivery } from '../../core/alert-ports.ts';
import type { HttpChannelDeclaration } from '../../core/channel-declaration.ts';
import type { Clock } from '../../core/ports.ts';
import { parseRetryAfter } from '../../core/retry-after.ts';
import type { CachedSecrets } from '../cached-secrets.ts';
import type { ChannelAnswer, ChannelRequest, ChannelSend, HttpChannel, SecretFields } from './channel.ts';
import { urlProblem } from './public-url.ts';
import { redact } from './redact.ts';
import { httpChannelOf } from './registry.ts';
import { readSecretFields, SecretUnfit } from './secret-fields.ts';

export type HttpDeliveryParts = {
  readonly secrets: CachedSecrets;
  readonly send: ChannelSend;
  readonly clock: Pick<Clock, 'now'>;
};

const TIMEOUT_MS = 10_000;

/**
 * Tells one channel by HTTPS. What only its secret can mend is tried again, since a person may write it any time; a refusal
 * that came of a secret read earlier is tried at once with the secret as it is now.
 */
export function createHttpDelivery(parts: HttpDeliveryParts, declaration: HttpChannelDeclaration): AlertChannel {
  return {
    deliver: async (alert) => {
      const { delivery, wasCached } = await attempt(parts, declaration, alert);
      if (delivery.outcome !== 'refused' || !wasCached) return delivery;
      parts.secrets.forget(declaration.secretName);
      return (await attempt(parts, declaration, alert)).delivery;
    },
  };
}

type Attempt = { readonly delivery: Delivery; readonly wasCached: boolean };

async function attempt(parts: HttpDeliveryParts, declaration: HttpChannelDeclaration, alert: Alert): Promise<Attempt> {
  const channel = httpChannelOf(declaration);
  const prepared = await prepare(parts, channel, declaration, alert).catch((error: unknown) => {
    parts.secrets.forget(declaration.secretName);
    return unfit(error);
  });
  if ('outcome' in prepared) return { delivery: prepared, wasCached: false };
  const { secret, request, wasCached } = prepared;
  if (request === undefined) return { delivery: { outcome: 'delivered' }, wasCached };
  const delivery = await exchange(parts, channel, request);
  return { delivery: withoutSecret(delivery, secret, request.url), wasCached };
}

type Prepared = {
  readonly secret: SecretFields;
  readonly request: ChannelRequest | undefined;
  readonly wasCached: boolean;
};

async function prepare(
  { secrets, clock }: HttpDeliveryParts,
  channel: HttpChannel,
  declaration: HttpChannelDeclaration,
  alert: Alert,
): Promise<Prepared> {
  const { secretName } = declaration;
  const { text, wasCached } = await secrets.read(secretName);
  const secret = readSecretFields(secretName, text, channel.secretFields);
  const problem = secret.url === undefined ? undefined : urlProblem(secret.url);
  if (problem !== undefined) throw new SecretUnfit(`url of the secret ${secretName}: ${problem}`);
  return { secret, request: channel.request(alert, secret, declaration, clock.now()), wasCached };
}

/** The first line of what was thrown; the rest is for machines. */
function unfit(error: unknown): Delivery {
  const [reason = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
  return { outcome: 'later', reason };
}

function withoutSecret(delivery: Delivery, secret: SecretFields, url?: string): Delivery {
  return delivery.outcome === 'delivered' ? delivery : { ...delivery, reason: redact(delivery.reason, secret, url) };
}

async function exchange(
  { send, clock }: HttpDeliveryParts,
  channel: HttpChannel,
  request: ChannelRequest,
): Promise<Delivery> {
  try {
    const answer = await send({ ...request, method: 'POST', timeoutMs: TIMEOUT_MS });
    return judge(channel, answer, clock.now());
  } catch (error) {
    return { outcome: 'later', reason: `no answer: ${error instanceof Error ? error.message : String(error)}` };
  }
}

function judge(channel: HttpChannel, answer: ChannelAnswer, now: number): Delivery {
  const { status, headers, body } = answer;
  const asked = channel.retryAfter?.(answer);
  const retryAt = asked === undefined ? parseRetryAfter(headers['retry-after'], now) : now + asked * 1000;
  const later = (reason: string): Delivery => ({ outcome: 'later', reason, ...(retryAt !== undefined && { retryAt }) });
  if (status < 200 || status > 299) {
    const reason = `answered ${status}: ${body}`;
    return [408, 425, 429].includes(status) || status >= 500 ? later(reason) : { outcome: 'refused', reason };
  }
  const refusal = channel.refusal(answer);
  if (refusal === undefined) return { outcome: 'delivered' };
  return refusal.isBusy ? later(refusal.reason) : { outcome: 'refused', reason: refusal.reason };
}
