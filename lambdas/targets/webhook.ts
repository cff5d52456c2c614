import { StepFailure } from '../core/failure.ts';
import type { Clock, Secrets } from '../core/ports.ts';
import { parseRetryAfter } from '../core/retry-after.ts';
import type { WebhookTarget } from '../core/target-declaration.ts';
import type { Installed, PushJob, TargetDriver } from '../core/target-driver.ts';
import { signedHeaders } from '../core/webhook-signature.ts';

/** Sends one request and follows no redirect; rejects when there was no whole answer. Names of headers in lower case. */
export type WebhookSend = (request: {
  readonly url: string;
  readonly method: 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly timeoutMs: number;
}) => Promise<WebhookAnswer>;

type WebhookAnswer = { readonly status: number; readonly headers: Readonly<Record<string, string>> };

export type WebhookDriverParts = {
  readonly secrets: Secrets;
  readonly send: WebhookSend;
  readonly clock: Pick<Clock, 'now'>;
};

const TIMEOUT_MS = 10_000;

/**
 * Tells an HTTPS endpoint of a version. A receiver computes the HMAC-SHA256 of `<Perennial-Timestamp>.<body>` with its key,
 * compares it as hex with `Perennial-Signature` after `v1=` in constant time, and refuses timestamps that are minutes old;
 * `id` is the same whenever one version is told again.
 */
export function createWebhookDriver(parts: WebhookDriverParts): TargetDriver<WebhookTarget> {
  return { install: (job) => install(parts, job) };
}

async function install(parts: WebhookDriverParts, job: PushJob<WebhookTarget>): Promise<Installed> {
  const { target, sha256, remoteId } = job;
  // A receiver has nothing that can be read back: what it took once it has.
  if (remoteId === sha256) return { remoteId, deployed: true };
  const body = JSON.stringify(await messageOf(job));
  const headers = signedHeaders(await signingKey(parts.secrets, target), body, parts.clock.now());
  const answer = await parts
    .send({ url: target.url, method: 'POST', headers, body, timeoutMs: TIMEOUT_MS })
    .catch((error: unknown) => {
      const reason = (error instanceof Error ? error.message : String(error)).replaceAll(target.url, 'the endpoint');
      throw failure('transient', 'webhookUnanswered', `${placeOf(target)} gave no answer: ${reason}`);
    });
  judge(answer, target, parts.clock.now());
  return { remoteId: sha256, deployed: true };
}

/** A secret without text would sign by an empty key, which everybody knows. */
async function signingKey(secrets: Secrets, { secretName, id }: WebhookTarget): Promise<string> {
  const key = await secrets.read(secretName);
  if (key !== '') return key;
  const message = `the secret ${secretName} holds no text. Give it the key that the receiver of the target "${id}" verifies by`;
  throw failure('person', 'webhookKeyEmpty', message);
}

async function messageOf(job: PushJob<WebhookTarget>): Promise<object> {
  const { leafPem, intermediatesPem, privateKeyPem } = await job.bundle();
  const { owner, target, sha256, domains } = job;
  return {
    id: `${owner.certificate}/${owner.target}/${sha256}`,
    event: 'certificate.deploy',
    certificate: owner.certificate,
    target: owner.target,
    sha256,
    notBefore: new Date(job.notBefore).toISOString(),
    notAfter: new Date(job.notAfter).toISOString(),
    domains,
    fullchain: leafPem + intermediatesPem,
    chain: intermediatesPem,
    ...(target.includeKey && { privateKey: privateKeyPem }),
  };
}

function judge({ status, headers }: WebhookAnswer, target: WebhookTarget, now: number): void {
  if (status >= 200 && status < 300) return;
  const answered = `${placeOf(target)} answered ${status}`;
  const retryAt = parseRetryAfter(headers['retry-after'], now);
  if ((status === 429 || status >= 500) && retryAt !== undefined)
    throw new StepFailure({ class: 'later', code: 'webhookBusy', message: `${answered} and asks to wait`, retryAt });
  if (status === 408 || status === 429 || status >= 500) throw failure('transient', 'webhookFailed', answered);
  throw failure(
    'person',
    'webhookRefused',
    `${answered}. Correct the endpoint, or url of the target "${target.id}"; redirects are not followed`,
  );
}

/** A query may hold a token, so it is not told. */
function placeOf({ url }: WebhookTarget): string {
  const { origin, pathname } = new URL(url);
  return `${origin}${pathname}`;
}

function failure(failureClass: 'person' | 'transient', code: string, message: string): StepFailure {
  return new StepFailure({ class: failureClass, code, message });
}
