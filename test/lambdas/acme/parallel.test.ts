import { describe, expect, it } from 'vitest';
import type { HttpRequest, HttpSend } from '../../../lambdas/acme/http.ts';
import { createAcmeConnector } from '../../../lambdas/acme/session.ts';
import { seededRandom } from '../../support/seeded-random.ts';
import { KEY_PEM, NOW, ORDER, settingsOf } from './scripted-ca.ts';

const CAS = ['one', 'two', 'three'];
const SESSIONS = 12;
const ROUNDS = 8;

/** Several CAs whose answers overtake each other. Each accepts a nonce once, and only one that it has given out. */
function restlessCas() {
  const random = seededRandom(7);
  const open = new Map(CAS.map((name) => [name, new Set<string>()]));
  const requests: HttpRequest[] = [];
  let nonces = 0;
  const send: HttpSend = async (request) => {
    requests.push(request);
    const { hostname, pathname } = new URL(request.url);
    const [name = ''] = hostname.split('.');
    for (let turns = Math.floor(random() * 20); turns > 0; turns -= 1) await new Promise(setImmediate);
    const base = `https://${name}.test`;
    const given = open.get(name);
    nonces += 1;
    given?.add(`${name}-${nonces}`);
    const headers = { 'replay-nonce': `${name}-${nonces}` };
    if (pathname === '/directory') {
      const directory = { newNonce: `${base}/nonce`, newAccount: `${base}/account`, newOrder: `${base}/order` };
      return { status: 200, headers: {}, body: JSON.stringify(directory) };
    }
    if (pathname === '/nonce') return { status: 200, headers, body: '' };
    const { nonce } = JSON.parse(Buffer.from(JSON.parse(request.body ?? '{}').protected, 'base64url').toString());
    if (given?.delete(nonce) !== true) throw new Error(`${name} never gave out ${nonce}, or has had it before`);
    const body = JSON.stringify({ ...ORDER, finalize: `${base}/finalize${pathname}` });
    return { status: 200, headers: { ...headers, 'retry-after': String(pathname.length) }, body };
  };
  return { send, requests };
}

describe('sessions in one process', () => {
  it('that run at the same time mix neither directories, nonces, roots, deadlines nor answers', async () => {
    const { send, requests } = restlessCas();
    const connector = createAcmeConnector(send, { now: () => NOW, sleep: () => Promise.reject(new Error('slept')) });
    const work = Array.from({ length: SESSIONS }, async (_, index) => {
      const name = CAS[index % CAS.length] ?? '';
      const base = `https://${name}.test`;
      const ca = settingsOf({ name, directoryUrl: `${base}/directory`, rootsPem: `roots of ${name}` });
      const session = connector.open(
        { ca, keyPem: KEY_PEM, url: `${base}/account/${index}` },
        NOW + 1000 * (index + 1),
      );
      for (let round = 0; round < ROUNDS; round += 1) {
        const url = `${base}/order/${'x'.repeat(index)}${round}`;
        const order = await session.order(url);
        const { pathname } = new URL(url);
        expect(order).toMatchObject({
          url,
          finalizeUrl: `${base}/finalize${pathname}`,
          retryAt: NOW + 1000 * pathname.length,
        });
      }
    });
    await Promise.all(work);
    expect(requests.filter(({ method }) => method === 'POST')).toHaveLength(SESSIONS * ROUNDS);
    for (const { url, rootsPem, timeoutMs, body } of requests) {
      const [name = ''] = new URL(url).hostname.split('.');
      expect(rootsPem).toBe(`roots of ${name}`);
      if (body === undefined) continue;
      const { kid } = JSON.parse(Buffer.from(JSON.parse(body).protected, 'base64url').toString());
      expect(timeoutMs).toBe(1000 * (Number(kid.split('/').at(-1)) + 1));
      expect(CAS.indexOf(name)).toBe(Number(kid.split('/').at(-1)) % CAS.length);
    }
  });
});
