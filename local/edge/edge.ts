import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { createSecureContext, createServer, type SecureContext, type TLSSocket } from 'node:tls';

/** A certificate as an edge serves it. */
export type EdgeCertificate = {
  readonly leafPem: string;
  readonly chainPem: string;
  readonly privateKeyPem: string;
  readonly domains: readonly string[];
};

/** Where an edge takes its certificates from: an account of ACM, for instance. */
export type CertificateSource = {
  certificates(): readonly EdgeCertificate[];
  /** Calls the listener after each change, until what it answers is called. */
  onChange(listener: () => void): () => void;
};

export type EdgeOptions = {
  readonly certificates: CertificateSource;
  /** A change is served only after {@link Edge.catchUp}, as by a CDN that is slow to roll out. Default false. */
  readonly lag?: boolean;
};

/** A running edge. */
export type Edge = {
  readonly port: number;
  /** TLS handshakes answered with a certificate. */
  handshakes(): number;
  /** Serves what the source holds now, from the next handshake on. */
  catchUp(): void;
  /** From now on a change is served only after {@link Edge.catchUp}, or at once again. */
  setLagging(isLagging: boolean): void;
  /** From now on every handshake fails, or no longer. */
  setDown(isDown: boolean): void;
  stop(): Promise<void>;
};

/**
 * Starts a TLS server on a free port of 127.0.0.1 that serves, by SNI (RFC 6066 section 3), what its source holds: an exact
 * name before a wildcard, and of two certificates for one name the one that the source lists last. A handshake for a name
 * that it does not know, or for none, fails.
 */
export async function startEdge(options: EdgeOptions): Promise<Edge> {
  const source = options.certificates;
  let contexts = contextsOf(source.certificates());
  let handshakes = 0;
  let down = false;
  const catchUp = () => {
    contexts = contextsOf(source.certificates());
  };
  let lagging = options.lag ?? false;
  const leave = source.onChange(() => {
    if (!lagging) catchUp();
  });
  const listener = await listen((servername) => {
    const context = down ? undefined : contextFor(contexts, servername);
    if (context) handshakes += 1;
    return context;
  });
  const stop = () => {
    leave();
    return listener.stop();
  };
  const setLagging = (isLagging: boolean) => {
    lagging = isLagging;
  };
  const setDown = (isDown: boolean) => {
    down = isDown;
  };
  return { port: listener.port, handshakes: () => handshakes, catchUp, setLagging, setDown, stop };
}

type Choose = (servername: string) => SecureContext | undefined;

async function listen(choose: Choose): Promise<{ readonly port: number; stop(): Promise<void> }> {
  const sockets = new Set<Socket>();
  const server = createServer({
    SNICallback: (servername, answer) => {
      const context = choose(servername);
      if (context) answer(null, context);
      else answer(new Error(`No certificate for ${servername}.`));
    },
  });
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  server.on('secureConnection', (socket: TLSSocket) => {
    socket.on('error', () => socket.destroy());
    socket.end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const stop = async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, 'close');
  };
  return { port: portOf(server.address()), stop };
}

function contextsOf(certificates: readonly EdgeCertificate[]): ReadonlyMap<string, SecureContext> {
  const contexts = new Map<string, SecureContext>();
  for (const { leafPem, chainPem, privateKeyPem, domains } of certificates) {
    const context = createSecureContext({ cert: `${leafPem}\n${chainPem}`, key: privateKeyPem });
    for (const domain of domains) contexts.set(domain.toLowerCase(), context);
  }
  return contexts;
}

/** A wildcard stands for exactly one label (RFC 9525 section 6.3). */
function contextFor(contexts: ReadonlyMap<string, SecureContext>, servername: string): SecureContext | undefined {
  const name = servername.toLowerCase();
  return contexts.get(name) ?? contexts.get(name.replace(/^[^.]+/, '*'));
}

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === 'string') throw new Error('The edge listens on no port.');
  return address.port;
}
