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
