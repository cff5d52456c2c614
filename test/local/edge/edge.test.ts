import { connect as connectTcp } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createServedCertificate } from '../../../lambdas/targets/served-certificate.ts';
import { type CertificateSource, type Edge, type EdgeOptions, startEdge } from '../../../local/edge/edge.ts';
import { makeCertificate, type TestCertificate } from '../../support/certificates.ts';

const running: Edge[] = [];

afterEach(async () => {
  await Promise.all(running.splice(0).map((edge) => edge.stop()));
});

/** A source that a test fills, as an account would. */
function makeSource() {
  const listeners = new Set<() => void>();
  let held: readonly TestCertificate[] = [];
  const source: CertificateSource = {
    certificates: () => held.map((made) => ({ ...made, chainPem: made.intermediatesPem })),
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  const hold = (...certificates: readonly TestCertificate[]) => {
    held = certificates;
    for (const listener of listeners) listener();
  };
  return { source, hold, listeners };
}

async function start(source: CertificateSource, options: Partial<EdgeOptions> = {}) {
  const edge = await startEdge({ certificates: source, ...options });
  running.push(edge);
  const served = async (servername: string) => {
    const seen = await createServedCertificate().probe({ host: '127.0.0.1', port: edge.port, servername }, 5000);
    return 'error' in seen ? 'nothing' : seen.sha256;
  };
  return { edge, served };
}

describe('The TLS edge', () => {
  it('serves by SNI, an exact name before a wildcard, a wildcard for one label only', async () => {
    const { source, hold } = makeSource();
    const exact = await makeCertificate({ domains: ['www.example.com'] });
    const wildcard = await makeCertificate({ domains: ['example.com', '*.example.com'] });
    hold(exact, wildcard);
    const { edge, served } = await start(source);
    expect(await served('www.example.com')).toBe(exact.sha256);
    expect(await served('WWW.EXAMPLE.COM')).toBe(exact.sha256);
    expect(await served('shop.example.com')).toBe(wildcard.sha256);
    expect(await served('example.com')).toBe(wildcard.sha256);
    expect(await served('a.b.example.com')).toBe('nothing');
    expect(await served('other.test')).toBe('nothing');
    expect(edge.handshakes()).toBe(4);
  });

  it('serves a swapped certificate from the next handshake on', async () => {
    const { source, hold } = makeSource();
    const [first, second] = await Promise.all([1, 2].map(() => makeCertificate({ domains: ['example.com'] })));
    const { served } = await start(source);
    expect(await served('example.com')).toBe('nothing');
    if (first) hold(first);
    expect(await served('example.com')).toBe(first?.sha256);
    if (second) hold(second);
    expect(await served('example.com')).toBe(second?.sha256);
    hold();
    expect(await served('example.com')).toBe('nothing');
  });

  it('goes on serving the old certificate while it lags', async () => {
    const { source, hold } = makeSource();
    const old = await makeCertificate({ domains: ['example.com'] });
    const fresh = await makeCertificate({ domains: ['example.com'] });
    hold(old);
    const { edge, served } = await start(source, { lag: true });
    hold(fresh);
    expect(await served('example.com')).toBe(old.sha256);
    edge.catchUp();
    expect(await served('example.com')).toBe(fresh.sha256);
  });

  it('serves RSA as well as ECDSA', async () => {
    const { source, hold } = makeSource();
    const rsa = await makeCertificate({ domains: ['rsa.test'], keyType: 'rsa-2048' });
    hold(rsa);
    const { served } = await start(source);
    expect(await served('rsa.test')).toBe(rsa.sha256);
  });

  it('stops although a client is silent, and leaves its source', async () => {
    const { source, listeners } = makeSource();
    const edge = await startEdge({ certificates: source });
    const client = connectTcp(edge.port, '127.0.0.1');
    await new Promise((resolve) => client.once('connect', resolve));
    const closed = new Promise((resolve) => client.once('close', resolve));
    client.on('error', () => undefined);
    await edge.stop();
    await closed;
    expect(listeners.size).toBe(0);
  });
});
