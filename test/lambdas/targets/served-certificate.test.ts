import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { afterEach, describe, expect, it } from 'vitest';
import { createServedCertificate } from '../../../lambdas/targets/served-certificate.ts';
import { startEdge } from '../../../local/edge/edge.ts';
import { makeCertificate, type TestCertificate } from '../../support/certificates.ts';

const closers: (() => Promise<void>)[] = [];

afterEach(async () => {
  await Promise.all(closers.splice(0).map((close) => close()));
});

async function serve(made: TestCertificate): Promise<number> {
  const certificates = () => [{ ...made, chainPem: made.intermediatesPem }];
  const edge = await startEdge({ certificates: { certificates, onChange: () => () => undefined } });
  closers.push(() => edge.stop());
  return edge.port;
}

/** macOS has no 127.0.0.2. */
const SECOND_ADDRESS = process.platform === 'darwin' ? '::1' : '127.0.0.2';

/** A TLS server that has all of these certificates, at one address. */
async function serveBoth(made: readonly TestCertificate[], address = '127.0.0.1', port = 0): Promise<number> {
  const server = createTlsServer({
    key: made.map(({ privateKeyPem }) => privateKeyPem),
    cert: made.map(({ chainPem }) => chainPem),
  });
  server.on('tlsClientError', () => undefined);
  server.listen(port, address);
  await once(server, 'listening');
  closers.push(async () => {
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

/** A TCP server that does with a connection what the test says, and tells when the client has gone. */
async function listen(act: (socket: Socket) => void): Promise<{ port: number; server: Server; gone: Promise<void> }> {
  const server = createServer();
  const gone = new Promise<void>((resolve) => {
    server.on('connection', (socket) => {
      socket.on('error', () => undefined);
      socket.on('close', () => resolve());
      socket.resume();
      act(socket);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closers.push(async () => {
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, server, gone };
}

const probe = (port: number, servername = 'example.com', timeoutMs = 5000) =>
  createServedCertificate().probe({ host: '127.0.0.1', port, servername }, timeoutMs);

describe('The served certificate', () => {
  it('is told by the SHA-256 of its leaf and its end', async () => {
    const made = await makeCertificate({ domains: ['example.com'] });
    expect(await probe(await serve(made))).toEqual({ sha256: made.sha256, notAfter: made.notAfter });
  });

  it('is seen although it has expired, is self-signed, or is for another name', async () => {
    const past = { notBefore: new Date('2020-01-01'), notAfter: new Date('2020-02-01') };
    const expired = await makeCertificate({ domains: ['example.com'], ...past });
    expect(await probe(await serve(expired))).toEqual({ sha256: expired.sha256, notAfter: expired.notAfter });
    const own = await makeCertificate({ domains: ['example.com'], selfSigned: true, commonName: 'own' });
    expect(await probe(await serve(own))).toEqual({ sha256: own.sha256, notAfter: own.notAfter });
  });

  it('is an error when the server knows no such name', async () => {
    const made = await makeCertificate({ domains: ['example.com'] });
    expect(await probe(await serve(made), 'other.test')).toEqual({ error: expect.stringMatching(/./) });
  });

  it('is an error when nobody listens', async () => {
    const { port, server } = await listen(() => undefined);
    server.close();
    await once(server, 'close');
    expect(await probe(port)).toEqual({ error: expect.stringContaining('ECONNREFUSED') });
  });

  it('is an error when the server closes before the handshake', async () => {
    const { port } = await listen((socket) => socket.end());
    expect(await probe(port)).toEqual({ error: expect.stringMatching(/closed|disconnected|ECONNRESET/) });
  });

  it('is an error when the server speaks no TLS', async () => {
    const { port } = await listen((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    expect(await probe(port)).toEqual({ error: expect.stringMatching(/./) });
  });

  it('is an error after the timeout when the server is silent, and the socket is closed', async () => {
    const { port, gone } = await listen(() => undefined);
    expect(await probe(port, 'example.com', 30)).toEqual({ error: 'no TLS handshake within 30 ms' });
    await gone;
  });

  it('is told although the server keeps the connection open, which the probe closes', async () => {
    const made = await makeCertificate({ domains: ['example.com'] });
    const server = createTlsServer({ cert: made.chainPem, key: made.privateKeyPem });
    const gone = new Promise((resolve) => server.once('connection', (socket) => socket.once('close', resolve)));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    closers.push(async () => {
      server.close();
    });
    const seen = await probe((server.address() as AddressInfo).port);
    expect(seen).toEqual({ sha256: made.sha256, notAfter: made.notAfter });
    await gone;
  });
});

describe('A server with certificates of two types', () => {
  it('is looked at for the type that is expected, and for any where it has none of that', async () => {
    const [ecdsa, rsa] = await Promise.all([
      makeCertificate({ domains: ['example.com'] }),
      makeCertificate({ domains: ['example.com'], keyType: 'rsa-2048' }),
    ]);
    const both = await serveBoth([ecdsa, rsa]);
    const look = (port: number, { sha256 }: TestCertificate, keyType: 'ecdsa-p256' | 'rsa-2048') =>
      createServedCertificate().probe({ host: '127.0.0.1', port, servername: 'example.com' }, 5000, {
        sha256,
        keyType,
      });
    expect(await look(both, ecdsa, 'ecdsa-p256')).toMatchObject({ sha256: ecdsa.sha256 });
    expect(await look(both, rsa, 'rsa-2048')).toMatchObject({ sha256: rsa.sha256 });
    expect(await look(await serve(ecdsa), rsa, 'rsa-2048')).toMatchObject({ sha256: ecdsa.sha256 });
  });
});

describe('A host with several addresses', () => {
  it('is not proven while one of them serves something else', async () => {
    const [fresh, stale] = await Promise.all([
      makeCertificate({ domains: ['example.com'] }),
      makeCertificate({ domains: ['example.com'] }),
    ]);
    const port = await serveBoth([fresh], '127.0.0.1');
    await serveBoth([stale], SECOND_ADDRESS, port);
    const place = { host: 'both.test', port, servername: 'example.com' };
    const expected = { sha256: fresh.sha256, keyType: 'ecdsa-p256' } as const;
    const at = (...addresses: readonly string[]) =>
      createServedCertificate(async () => addresses).probe(place, 5000, expected);
    expect(await at('127.0.0.1', SECOND_ADDRESS)).toMatchObject({ sha256: stale.sha256 });
    expect(await at('127.0.0.1')).toMatchObject({ sha256: fresh.sha256 });
  });
});
