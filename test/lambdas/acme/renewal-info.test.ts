import { describe, expect, it } from 'vitest';
import type { HttpRequest, HttpSend } from '../../../lambdas/acme/http.ts';
import { createRenewalInfoReader } from '../../../lambdas/acme/renewal-info.ts';
import type { CaSettings } from '../../../lambdas/core/declaration.ts';

const NOW = Date.UTC(2027, 0, 1);
const clock = { now: () => NOW, sleep: async () => undefined };
const CA: CaSettings = {
  name: 'own',
  directoryUrl: 'https://ca.test/directory',
  environment: 'production',
  accountLabel: 'default',
  contact: [],
  rootsPem: 'PEM',
};

/** A CA that answers everything alike, and what it was asked. */
function readerOf(answer: Awaited<ReturnType<HttpSend>> | Error) {
  const asked: HttpRequest[] = [];
  const send: HttpSend = async (request) => {
    asked.push(request);
    if (answer instanceof Error) throw answer;
    return answer;
  };
  return { asked, reader: createRenewalInfoReader(send, clock) };
}

describe('A question about a certificate', () => {
  it('is one unsigned GET with a User-Agent, the own roots and a deadline', async () => {
    const { asked, reader } = readerOf({ status: 200, headers: { 'retry-after': '60' }, body: '{"a":1}' });
    const answer = await reader.ask(CA, 'https://ca.test/ari/', 'x.y', NOW + 60_000);
    expect(answer).toEqual({ body: { a: 1 }, retryAfter: '60' });
    expect(asked).toEqual([
      {
        url: 'https://ca.test/ari/x.y',
        method: 'GET',
        headers: { 'user-agent': expect.stringMatching(/^perennial\//), accept: '*/*' },
        timeoutMs: 10_000,
        rootsPem: 'PEM',
        about: { ca: CA.name, request: 'renewalInfo' },
      },
    ]);
  });

  it('never outlives the invocation, and is not sent without time left', async () => {
    const { asked, reader } = readerOf({ status: 200, headers: {}, body: '{}' });
    await reader.ask(CA, 'https://ca.test/ari', 'x.y', NOW + 4_000);
    expect(asked[0]?.timeoutMs).toBe(4_000);
    await expect(reader.ask(CA, 'https://ca.test/ari', 'x.y', NOW)).rejects.toThrow(/no time left/);
    expect(asked).toHaveLength(1);
  });

  it.each(['http://ca.test/ari', 'https://elsewhere.test/ari', 'https://ca.test:444/ari', '/ari'])(
    'is not asked at %s, which is not where the directory is',
    async (url) => {
      const { asked, reader } = readerOf({ status: 200, headers: {}, body: '{}' });
      await expect(reader.ask(CA, url, 'x.y', NOW + 60_000)).rejects.toMatchObject({ name: 'AcmeError' });
      expect(asked).toEqual([]);
    },
  );

  it('is asked at another host that is declared', async () => {
    const { asked, reader } = readerOf({ status: 200, headers: {}, body: '{}' });
    const ca = { ...CA, otherHosts: ['elsewhere.test'] };
    await reader.ask(ca, 'https://elsewhere.test/ari', 'x.y', NOW + 60_000);
    expect(asked).toHaveLength(1);
  });

  it('ends as an error with status, problem and Retry-After where there is no answer to use', async () => {
    const busy = readerOf({ status: 503, headers: { 'retry-after': '60' }, body: '<html>' });
    await expect(busy.reader.ask(CA, 'https://ca.test/ari', 'x.y', NOW + 60_000)).rejects.toMatchObject({
      answer: { request: 'renewalInfo', status: 503, retryAt: NOW + 60_000 },
    });
    const silent = readerOf(new Error('socket hang up'));
    await expect(silent.reader.ask(CA, 'https://ca.test/ari', 'x.y', NOW + 60_000)).rejects.toMatchObject({
      answer: { status: 0, problem: { detail: 'socket hang up' } },
    });
  });
});

describe('The directory', () => {
  const body = { newNonce: 'n', newAccount: 'a', newOrder: 'o', renewalInfo: 'r' };

  it('is read whole, and refused where it is none', async () => {
    const good = readerOf({ status: 200, headers: {}, body: JSON.stringify(body) });
    expect(await good.reader.directory(CA, NOW + 60_000)).toEqual(body);
    expect(good.asked[0]?.url).toBe(CA.directoryUrl);
    const bad = readerOf({ status: 200, headers: {}, body: '{"newNonce":"n"}' });
    await expect(bad.reader.directory(CA, NOW + 60_000)).rejects.toMatchObject({ answer: { request: 'directory' } });
  });
});
