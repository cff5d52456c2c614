import { describe, expect, it } from 'vitest';
import { createCachedSecrets } from '../../../../lambdas/alerts/cached-secrets.ts';
import type { ChannelAnswer, ChannelRequest } from '../../../../lambdas/alerts/channels/channel.ts';
import { createHttpDelivery } from '../../../../lambdas/alerts/channels/http-delivery.ts';
import type { Alert } from '../../../../lambdas/core/alert.ts';
import type { HttpChannelDeclaration } from '../../../../lambdas/core/channel-declaration.ts';
import { StepFailure } from '../../../../lambdas/core/failure.ts';
import { ALERT, NOW } from './alert.ts';
import { declarationOf, RECEIVERS, TYPES } from './receivers/all.ts';

type Type = HttpChannelDeclaration['type'];
type Send = (request: ChannelRequest) => ChannelAnswer;

/** A channel whose service answers as `send` says; default: as the strict receiver does. */
function setUp(type: Type, send?: Send, secret: string = JSON.stringify(RECEIVERS[type].secret)) {
  const state = { now: NOW, secret, reads: 0, sent: [] as ChannelRequest[] };
  const clock = { now: () => state.now };
  const read = async (): Promise<string> => {
    state.reads += 1;
    return state.secret;
  };
  const channel = createHttpDelivery(
    {
      secrets: createCachedSecrets({ read }, clock),
      clock,
      send: async ({ method: _method, timeoutMs: _timeoutMs, ...request }) => {
        state.sent.push(request);
        return (send ?? ((each) => RECEIVERS[type].receive(each, state.now)))(request);
      },
    },
    declarationOf(type),
  );
  return { state, deliver: (alert: Alert = ALERT) => channel.deliver(alert) };
}

const answering =
  (status: number, body: string | object = '', headers: Record<string, string> = {}): Send =>
  () => ({ status, headers, body: typeof body === 'string' ? body : JSON.stringify(body) });

/** A secret's values, and what of its URLs is a secret by itself. */
function sensitivePartsOf(secret: Readonly<Record<string, string>>): readonly string[] {
  return Object.values(secret).flatMap((value) => {
    if (!URL.canParse(value)) return [value];
    const { pathname, searchParams } = new URL(value);
    return [value, ...[...pathname.split('/'), ...searchParams.values()].filter((part) => part.length >= 8)];
  });
}

describe.each(TYPES)('Delivery to %s', (type) => {
  it('is taken by the strict receiver', async () => {
    expect(await setUp(type).deliver()).toEqual({ outcome: 'delivered' });
  });

  it.each([500, 502, 503, 408, 429])('is tried again where it is answered %i', async (status) => {
    expect(await setUp(type, answering(status)).deliver()).toMatchObject({ outcome: 'later' });
  });

  it.each([400, 401, 403, 404, 410, 413, 301, 307])(
    'is refused for good by %i, and no redirect is followed',
    async (status) => {
      const { deliver, state } = setUp(type, answering(status, '', { location: 'https://elsewhere.test/' }));
      expect(await deliver()).toMatchObject({ outcome: 'refused', reason: expect.stringContaining(String(status)) });
      expect(state.sent).toHaveLength(1);
    },
  );

  it.each([429, 503])('waits as long as Retry-After of %i says, in seconds or as a date', async (status) => {
    const seconds = setUp(type, answering(status, '', { 'retry-after': '90' }));
    expect(await seconds.deliver()).toMatchObject({ outcome: 'later', retryAt: NOW + 90_000 });
    const dated = setUp(type, answering(status, '', { 'retry-after': new Date(NOW + 600_000).toUTCString() }));
    expect(await dated.deliver()).toMatchObject({ outcome: 'later', retryAt: NOW + 600_000 });
  });

  it('tells nothing of its secret, whatever the answer, the error or the exception quotes', async () => {
    const { secret } = RECEIVERS[type];
    const quotes = ({ url, headers, body }: ChannelRequest): string =>
      [
        url,
        encodeURIComponent(url),
        new URL(url).pathname,
        new URL(url).search,
        JSON.stringify(headers),
        body,
        ...Object.values(secret),
      ].join(' ');
    const broken = (request: ChannelRequest): never => {
      throw new Error(`connect ECONNREFUSED ${quotes(request)}`);
    };
    for (const send of [broken, (request: ChannelRequest) => answering(400, quotes(request))(request)]) {
      const told = JSON.stringify(await setUp(type, send).deliver());
      for (const part of sensitivePartsOf(secret)) expect(told).not.toContain(part);
      expect(told.length).toBeLessThan(700);
    }
  });

  it('is tried again later where its secret lacks something, and says what by name only', async () => {
    const { deliver, state } = setUp(type, undefined, JSON.stringify({ something: 'sensitive-value' }));
    const delivery = await deliver();
    expect(delivery).toMatchObject({
      outcome: 'later',
      reason: expect.stringMatching(/secret perennial\/one lacks \w+/),
    });
    expect(JSON.stringify(delivery)).not.toContain('sensitive-value');
    state.secret = JSON.stringify(RECEIVERS[type].secret);
    expect(await deliver()).toEqual({ outcome: 'delivered' });
  });

  it('reads its secret again after five minutes, and not before', async () => {
    const { deliver, state } = setUp(type);
    await deliver();
    state.now += 299_999;
    await deliver();
    expect(state.reads).toBe(1);
    state.now += 1;
    await deliver();
    expect(state.reads).toBe(2);
  });

  it('is taken with the secret as it is now, where the one read earlier is refused', async () => {
    let isRotated = false;
    const { deliver, state } = setUp(type, (request) =>
      isRotated && state.reads === 1 ? answering(403)(request) : RECEIVERS[type].receive(request, state.now),
    );
    expect(await deliver()).toEqual({ outcome: 'delivered' });
    isRotated = true;
    expect(await deliver()).toEqual({ outcome: 'delivered' });
    expect([state.reads, state.sent.length]).toEqual([2, 3]);
  });
});

describe('An error inside an answer of 200', () => {
  it.each([
    ['slack', 'invalid_payload', 'refused', 'invalid_payload'],
    ['dingtalk', { errcode: 310000, errmsg: 'sign not match' }, 'refused', 'errcode 310000, sign not match'],
    ['dingtalk', { errcode: 130101, errmsg: 'send too fast' }, 'later', 'errcode 130101'],
    ['dingtalk', '', 'refused', 'errcode missing'],
    ['wecom', { errcode: 93000, errmsg: 'invalid webhook url' }, 'refused', 'errcode 93000'],
    ['wecom', { errcode: 45009, errmsg: 'api freq out of limit' }, 'later', 'errcode 45009'],
    ['feishu', { code: 19021, msg: 'sign match fail' }, 'refused', 'code 19021, sign match fail'],
    ['feishu', { code: 11232, msg: 'frequency limited' }, 'later', 'code 11232'],
    ['feishu', '<html>', 'refused', 'code missing'],
    ['telegram', { ok: false, error_code: 400, description: 'chat not found' }, 'refused', 'chat not found'],
    ['pagerduty', { status: 'success' }, 'later', 'answered 200 instead of 202'],
  ] as const)('of %s is noticed: %j is %s', async (type, body, outcome, reason) => {
    expect(await setUp(type, answering(200, body)).deliver()).toMatchObject({
      outcome,
      reason: expect.stringContaining(reason),
    });
  });

  it('of Telegram asks to wait by its body', async () => {
    const body = { ok: false, error_code: 429, description: 'Too Many Requests', parameters: { retry_after: 33 } };
    expect(await setUp('telegram', answering(429, body)).deliver()).toMatchObject({
      outcome: 'later',
      retryAt: NOW + 33_000,
    });
  });
});

describe('A URL in a secret', () => {
  it.each([
    'http://hooks.slack.com/services/x',
    'no url',
    'https://localhost/x',
    'https://127.0.0.1:9001/2018-06-01/runtime',
    'https://2130706433/',
    'https://169.254.169.254/latest/meta-data',
    'https://10.0.0.1/',
    'https://[::1]/',
    'https://[::ffff:10.0.0.1]/',
    'https://[fd00::1]/',
    'https://hook.internal./',
  ])('is not called where it is %s', async (url) => {
    const { deliver, state } = setUp('slack', undefined, JSON.stringify({ url }));
    expect(await deliver()).toMatchObject({
      outcome: 'later',
      reason: expect.stringMatching(/^url of the secret perennial\/one: it/),
    });
    expect(state.sent).toEqual([]);
  });
});

describe('A secret', () => {
  it('may be plain text where one thing is secret', async () => {
    expect(await setUp('slack', undefined, `${RECEIVERS.slack.secret.url}\n`).deliver()).toEqual({
      outcome: 'delivered',
    });
    expect(await setUp('pagerduty', undefined, RECEIVERS.pagerduty.secret.routingKey).deliver()).toEqual({
      outcome: 'delivered',
    });
  });

  it('must be JSON where two are', async () => {
    expect(await setUp('dingtalk', undefined, 'https://oapi.dingtalk.com/').deliver()).toEqual({
      outcome: 'later',
      reason: 'the secret perennial/one is no JSON object: write { "url": "...", "secret": "..." }',
    });
  });

  it('that cannot be read delays the message, with the reason', async () => {
    const message = 'Reading the secret failed: denied';
    const read = async (): Promise<string> => {
      throw new StepFailure({ class: 'person', code: 'AccessDenied', message });
    };
    const clock = { now: () => NOW };
    const parts = {
      secrets: createCachedSecrets({ read }, clock),
      clock,
      send: async () => answering(200)({ url: '', headers: {}, body: '' }),
    };
    expect(await createHttpDelivery(parts, declarationOf('slack')).deliver(ALERT)).toEqual({
      outcome: 'later',
      reason: message,
    });
  });
});
