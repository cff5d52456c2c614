import { createHmac } from 'node:crypto';
import { expect, it } from 'vitest';
import type { WebhookTarget } from '../../lambdas/core/target-declaration.ts';
import { signature } from '../../lambdas/core/webhook-signature.ts';
import { createWebhookDriver, type WebhookSend } from '../../lambdas/targets/webhook.ts';
import type { Around } from '../../local/aws/seam.ts';
import { describeTarget, type TargetStage } from './contract.ts';
import { jobOf, twoVersions } from './target-job.ts';

const TARGET: WebhookTarget = {
  id: 'one',
  kind: 'webhook',
  url: 'https://receiver.test/certificates?token=hidden',
  secretName: 'webhook-key',
  includeKey: true,
  probe: 'control-plane',
};
const NOW = Date.UTC(2027, 0, 1);
const KEY = 'the key that both know';

/** A receiver as the documentation tells users to write one. */
class Receiver {
  readonly taken = new Map<string, { readonly sha256: string; readonly privateKey?: string }>();
  #latest = '';
  requests = 0;
  around: Around | undefined;
  answer = { status: 204, headers: {} as Record<string, string> };

  readonly send: WebhookSend = async ({ url, headers, body }) => {
    const take = async () => this.#take(url, headers, body);
    const answer = this.around === undefined ? await take() : await this.around('POST', {}, take);
    return answer as { status: number; headers: Record<string, string> };
  };

  held(): string | undefined {
    return this.taken.get(this.#latest)?.sha256;
  }

  #take(url: string, headers: Readonly<Record<string, string>>, body: string) {
    this.requests += 1;
    expect(url).toBe(TARGET.url);
    const signed = createHmac('sha256', KEY).update(`${headers['Perennial-Timestamp']}.${body}`).digest('hex');
    if (headers['Perennial-Signature'] !== `v1=${signed}`) return { status: 401, headers: {} };
    if (this.answer.status < 300) {
      const message = JSON.parse(body);
      this.taken.set(message.id, message);
      this.#latest = message.id;
    }
    return this.answer;
  }
}

function makeStage(target = TARGET): TargetStage<WebhookTarget> & { readonly receiver: Receiver } {
  const receiver = new Receiver();
  const secrets = { read: async (name: string) => (name === 'webhook-key' ? KEY : 'another') };
  return {
    receiver,
    driver: createWebhookDriver({ secrets, send: receiver.send, clock: { now: () => NOW } }),
    target,
    setAround: (around) => {
      receiver.around = around;
    },
    held: async () => receiver.held(),
    objects: () => receiver.taken.size,
    writes: () => receiver.requests,
  };
}

const answering =
  (status: number): Around =>
  async () => ({ status, headers: {} });

describeTarget('A webhook', makeStage, {
  ownFaults: { denied: answering(403), throttled: answering(429), broken: answering(502) },
});

async function noWork(): Promise<void> {}
const row = { superseded: [], making: { perhapsAs: [], announce: noWork, refused: noWork, made: noWork } };

it('A webhook is signed by HMAC-SHA256 over timestamp and body', () => {
  // printf '1700000000.{"a":1}' | openssl dgst -sha256 -hmac secret
  expect(signature('secret', '1700000000', '{"a":1}')).toBe(
    '49f24e537407743fa4a0242bb63b94b9a47ee99cbbe071ccd8a22550ae411686',
  );
});

it('A webhook gets the private key only if that is asked for', async () => {
  const stage = makeStage({ ...TARGET, includeKey: false });
  const [version] = await twoVersions();
  await stage.driver.install(jobOf(stage.target, version, row));
  expect([...stage.receiver.taken.values()]).toEqual([expect.not.objectContaining({ privateKey: expect.anything() })]);
});

it.each([429, 500, 503])(
  'A webhook that answers %i and asks to wait is told again then, and no error tells a query',
  async (status) => {
    const stage = makeStage();
    stage.receiver.answer = { status, headers: { 'retry-after': '120' } };
    const [version] = await twoVersions();
    const refused = await stage.driver.install(jobOf(TARGET, version, row)).catch((error: unknown) => error);
    expect(refused).toMatchObject({ detail: { class: 'later', retryAt: NOW + 120_000 } });
    expect(String(refused)).not.toContain('hidden');
  },
);

it('A webhook is not signed by an empty key, which everybody knows', async () => {
  const stage = makeStage();
  const driver = createWebhookDriver({
    secrets: { read: async () => '' },
    send: stage.receiver.send,
    clock: { now: () => NOW },
  });
  const [version] = await twoVersions();
  await expect(driver.install(jobOf(TARGET, version, row))).rejects.toMatchObject({
    detail: { class: 'person', code: 'webhookKeyEmpty', message: expect.stringContaining('webhook-key') },
  });
  expect(stage.receiver.requests).toBe(0);
});

it('A webhook’s query is not told either where the sender’s own error quotes the URL', async () => {
  const stage = makeStage();
  stage.receiver.around = async () => {
    throw new Error(`${TARGET.url} ended the connection within its answer`);
  };
  const [version] = await twoVersions();
  const failed = await stage.driver.install(jobOf(TARGET, version, row)).catch((error: unknown) => error);
  expect(failed).toMatchObject({ detail: { class: 'transient', code: 'webhookUnanswered' } });
  expect(String(failed)).not.toContain('hidden');
});
