import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { DnsFaults } from './faults.ts';
import { type DnsAnswer, emptyAnswer, lookUp, type Rcode, type Scope } from './lookup.ts';
import { TcpConnections } from './tcp.ts';
import { type DnsQuery, nameKey, readQuery, writeResponse } from './wire.ts';
import type { DnsSource } from './zone-data.ts';

const LOOPBACK = '127.0.0.1';
/** A port free for UDP may be taken for TCP; another pair is tried. */
const PORT_TRIES = 20;

/** A query as it was served; `rcode` is absent where no answer was sent. */
export type ServedQuery = {
  readonly name: string;
  readonly type: string;
  readonly transport: 'udp' | 'tcp';
  readonly rcode?: Rcode;
};

export type DnsServerOptions = {
  readonly source: DnsSource;
  /** Default `authoritative`. */
  readonly scope?: Scope;
  /** Port for UDP and TCP; 0, the default, takes a free one. */
  readonly port?: number;
  /** Milliseconds since the epoch, for values that lag. Default: the wall clock. */
  readonly now?: () => number;
  /** Sees every query after it was served. */
  readonly onQuery?: (query: ServedQuery) => void;
};

export type DnsServer = {
  readonly port: number;
  /** `127.0.0.1:port`, as resolvers take it. */
  readonly address: string;
  /** What it does wrong, from now on. */
  readonly faults: DnsFaults;
  close(): Promise<void>;
};

/**
 * Starts a DNS server on 127.0.0.1, on UDP and TCP of one port (RFC 1035, 6891, 7766). Its records are read from the source at
 * each query. Nothing is cached and nothing is asked of other servers.
 */
export async function startDnsServer(options: DnsServerOptions): Promise<DnsServer> {
  const faults = new DnsFaults();
  const serve = serverOf(options, faults);
  const { udp, tcp, connections } = await bindBoth(options.port ?? 0, serve);
  udp.on('message', (bytes, peer) => {
    const response = serve(bytes, 'udp');
    if (response) udp.send(response, peer.port, peer.address);
  });
  const { port } = udp.address();
  return { port, address: `${LOOPBACK}:${port}`, faults, close: () => closeBoth(udp, tcp, connections) };
}

type Serve = (bytes: Buffer, transport: 'udp' | 'tcp') => Buffer | undefined;

function serverOf(options: DnsServerOptions, faults: DnsFaults): Serve {
  const scope = options.scope ?? 'authoritative';
  const source = faults.lagging(options.source, options.now ?? Date.now);
  return (bytes, transport) => {
    const query = readQuery(bytes);
    if (query === undefined) return undefined;
    const { name, type } = query.question;
    const answer = answerTo(query, transport, faults, source, scope);
    options.onQuery?.({ name: nameKey(name), type, transport, ...(answer && { rcode: answer.rcode }) });
    return answer && writeResponse(query, answer, { transport, recursionAvailable: scope === 'everything' });
  };
}

function answerTo(
  query: DnsQuery,
  transport: 'udp' | 'tcp',
  faults: DnsFaults,
  source: DnsSource,
  scope: Scope,
): DnsAnswer | undefined {
  const name = nameKey(query.question.name);
  const fault = faults.of(name)?.kind;
  if (fault === 'drop' || (fault === 'noTcp' && transport === 'tcp')) return undefined;
  if (fault === 'noEdns' && query.edns !== undefined) return emptyAnswer('FORMERR');
  if (fault === 'servfail') return emptyAnswer('SERVFAIL');
  if (fault === 'refused') return emptyAnswer('REFUSED');
  if (query.opcodeFlags !== 0) return emptyAnswer('NOTIMP');
  if (query.edns !== undefined && query.edns.version !== 0) return emptyAnswer('BADVERS');
  if (query.question.class !== 'IN') return emptyAnswer('REFUSED');
  return lookUp(source, scope, name, query.question.type);
}

type Bound = { readonly udp: UdpSocket; readonly tcp: Server; readonly connections: TcpConnections };

/** Takes the same port for both transports: a client that is told to use TCP asks there. */
async function bindBoth(port: number, serve: Serve): Promise<Bound> {
  for (let tries = 1; ; tries += 1) {
    const udp = createSocket('udp4');
    const connections = new TcpConnections((bytes) => serve(bytes, 'tcp'));
    const tcp = createServer((socket) => connections.take(socket));
    try {
      await bindUdp(udp, port);
      await listen(tcp, udp.address().port);
      return { udp, tcp, connections };
    } catch (error) {
      udp.close();
      if (port !== 0 || tries === PORT_TRIES) throw error;
    }
  }
}

async function bindUdp(udp: UdpSocket, port: number): Promise<void> {
  udp.bind(port, LOOPBACK);
  await once(udp, 'listening');
}

async function listen(tcp: Server, port: number): Promise<void> {
  tcp.listen(port, LOOPBACK);
  await once(tcp, 'listening');
}

async function closeBoth(udp: UdpSocket, tcp: Server, connections: TcpConnections): Promise<void> {
  const closed = [once(udp, 'close'), once(tcp, 'close')];
  udp.close();
  tcp.close();
  connections.close();
  await Promise.all(closed);
}
