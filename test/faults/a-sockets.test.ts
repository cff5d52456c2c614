import { once } from 'node:events';
import { createServer as createHttpsServer } from 'node:https';
import { createServer as createTcpServer, type Server } from 'node:net';
import { networkInterfaces } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AcmeError } from '../../lambdas/acme/error.ts';
import { createHttpsSend } from '../../lambdas/acme/http.ts';
import type { AcmeSession } from '../../lambdas/acme/session.ts';
import { createAcmeConnector } from '../../lambdas/acme/session.ts';
import type { Ca } from '../../local/ca/ca.ts';
import { startCa } from '../../local/ca/ca.ts';
import type { ListenerCertificate } from '../../local/ca/listener-certificate.ts';
import { makeListenerCertificate } from '../../local/ca/listener-certificate.ts';
import { KEY_PEM } from '../lambdas/acme/scripted-ca.ts';
import { makeCertificate } from '../support/certificates.ts';

/** What each request here is given, milliseconds of this machine's clock. */
const PATIENCE_MS = 400;

/** What three requests in a row, of which the last hangs, are given: enough for the first two on a busy machine. */
const PATIENCE_FOR_THREE_MS = 4_000;

const { send, close } = createHttpsSend();
let ca: Ca;
let tls: ListenerCertificate;
const servers: Server[] = [];

beforeAll(async () => {
  [ca, tls] = await Promise.all([startCa(), makeListenerCertificate()]);
});
afterAll(async () => {
  close();
  for (const server of servers) server.close();
  await ca.stop();
});

/** A session over the shipped HTTPS client, with so long to go. */
function open(directoryUrl: string, rootsPem: string | undefined, patienceMs = PATIENCE_MS): AcmeSession {
  const connector = createAcmeConnector(send, { now: Date.now, sleep: () => Promise.reject(new Error('slept')) });
  const settings = {
    name: 'sockets',
    directoryUrl,
    environment: 'staging',
    accountLabel: 'default',
    contact: [],
    ...(rootsPem === undefined ? {} : { rootsPem }),
  } as const;
  return connector.open({ ca: settings, keyPem: KEY_PEM }, Date.now() + patienceMs);
}

async function refusalOf(work: Promise<unknown>): Promise<AcmeError> {
  const thrown = await work.catch((error: unknown) => error);
  if (!(thrown instanceof AcmeError)) throw new Error(`no AcmeError: ${String(thrown)}`);
  return thrown;
}

async function listen(server: Server, host: string): Promise<number> {
  servers.push(server);
  server.listen(0, host);
  await once(server, 'listening');
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('no address');
  return address.port;
}

describe('a CA that hangs', () => {
  it.each(['silence', 'reset'] as const)(
    'after it has acted (%s) is given up at the deadline; a repeat finds what it did [A2]',
    async (kind) => {
      ca.faults.add({ endpoint: 'newAccount', fault: { kind } });
      const begun = Date.now();
      const { answer } = await refusalOf(open(ca.directoryUrl, ca.rootPem, PATIENCE_FOR_THREE_MS).register());
      expect(answer).toMatchObject({ request: 'newAccount', status: 0 });
      expect(Date.now() - begun).toBeLessThan(PATIENCE_FOR_THREE_MS + 10_000);
      const url = await open(ca.directoryUrl, ca.rootPem, 30_000).register();
      expect(ca.journal.requests.filter(({ account }) => account === url).length).toBeGreaterThanOrEqual(2);
    },
  );

  it('within the TLS handshake is given up at the deadline [A2]', async () => {
    const port = await listen(
      createTcpServer(() => undefined),
      '127.0.0.1',
    );
    const { answer } = await refusalOf(open(`https://127.0.0.1:${port}/directory`, ca.rootPem).register());
    expect(answer).toMatchObject({ request: 'directory', status: 0 });
  });

  it('within a body, after its headers, is given up at the deadline [A2]', async () => {
    const stalls = createHttpsServer({ cert: tls.certificatePem, key: tls.privateKeyPem }, (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '500' });
      response.write('{"newNonce":');
    });
    const port = await listen(stalls, '127.0.0.1');
    const { answer } = await refusalOf(open(`https://127.0.0.1:${port}/directory`, tls.rootPem).register());
    expect(answer).toMatchObject({ request: 'directory', status: 0 });
  });
});

describe('the TLS certificate of a CA', () => {
  it('that no root vouches for is refused, and nothing is sent [A9]', async () => {
    const requests = ca.journal.requests.length;
    const error = await refusalOf(open(ca.directoryUrl, undefined, 30_000).register());
    expect(error.toFailure().detail).toMatchObject({ class: 'caSide', code: 'untrustedCa' });
    const other = await refusalOf(open(ca.directoryUrl, tls.rootPem, 30_000).register());
    expect(other.toFailure().detail).toMatchObject({ code: 'untrustedCa' });
    expect(ca.journal.requests).toHaveLength(requests);
  });

  it('that is made for another host is refused [A9]', async () => {
    const other = await makeCertificate({ domains: ['elsewhere.example.test'] });
    const port = await listen(createHttpsServer({ cert: other.chainPem, key: other.privateKeyPem }), '127.0.0.1');
    const error = await refusalOf(open(`https://127.0.0.1:${port}/directory`, other.rootPem, 30_000).register());
    expect(error.toFailure().detail).toMatchObject({ class: 'caSide', code: 'untrustedCa' });
  });
});

describe('a CA that is reached', () => {
  const loopbacks = Object.values(networkInterfaces()).flatMap((all) => (all ?? []).filter(({ internal }) => internal));
  const hosts = [...new Set(loopbacks.map(({ address }) => address))].filter(
    (host) => host.endsWith('.1') || host === '::1',
  );

  it.each(hosts)('by one IP family only, at %s, answers [A14]', async (host) => {
    const server = createHttpsServer({ cert: tls.certificatePem, key: tls.privateKeyPem }, (_request, response) => {
      response.end('{}');
    });
    const port = await listen(server, host);
    const answer = await send({
      url: `https://${host.includes(':') ? `[${host}]` : host}:${port}/directory`,
      method: 'GET',
      headers: {},
      timeoutMs: 10_000,
      rootsPem: tls.rootPem,
    });
    expect(answer.status).toBe(200);
  });
});
