import { createHash, X509Certificate } from 'node:crypto';
import type { AddressLook, Handshakes, ServedCertificate } from '../../lambdas/core/ports.ts';
import { canonicalName } from '../../lambdas/dns/names.ts';
import { type DnsResolver, lookupFailure } from '../../lambdas/dns/resolver.ts';
import { seenLeaf } from '../../lambdas/targets/handshakes.ts';
import { AcmeProblem } from '../ca/problems.ts';
import type { Lookup } from '../ca/resolver.ts';
import { type InProcessDns, NoRecords } from '../dns/in-process.ts';
import type { CertificateSource, Edge } from '../edge/edge.ts';

const ABSENT = ['ENOTFOUND', 'ENODATA'];

/** DNS as the steps ask it, with the answers and failures of the shipped resolver. */
export function stepsResolver(dns: InProcessDns): DnsResolver {
  const told = (type: 'CNAME' | 'NS', name: string): readonly string[] => {
    try {
      return dns.records(type, name).map(({ data }) => canonicalName(data));
    } catch (error) {
      const code = codeOf(error);
      if (ABSENT.includes(code)) return [];
      throw lookupFailure(type, name, code, error);
    }
  };
  return {
    alias: async (name) => told('CNAME', name)[0],
    nameServers: async (name) => told('NS', name).toSorted(),
    addresses: async (host) => (dns.faults.at(host)?.kind === 'ipv6Only' ? [] : [host]),
    txtAt: async (server, name) => {
      try {
        return { values: dns.records('TXT', name, server).map(({ data }) => data) };
      } catch (error) {
        const code = codeOf(error);
        return ABSENT.includes(code) ? { values: [] } : { error: code };
      }
    },
  };
}

/** DNS as the local CA asks it. Absent names and empty answers are empty lists; anything else is a problem of type `dns`. */
export function caLookup(dns: InProcessDns): Lookup {
  const found = <T>(read: () => readonly T[]): { readonly values: readonly T[]; readonly exists: boolean } => {
    try {
      return { values: read(), exists: true };
    } catch (error) {
      const code = codeOf(error);
      if (!ABSENT.includes(code)) throw new AcmeProblem('dns', `DNS problem: ${String(error)}`);
      return { values: [], exists: code !== 'ENOTFOUND' };
    }
  };
  return {
    txt: async (name) => found(() => dns.records('TXT', name).map(({ data }) => data)),
    caa: async (name) =>
      found(() =>
        dns.records('CAA', name).map(({ data: { flags, tag, value } }) => ({ critical: flags >= 128, tag, value })),
      ).values,
    addresses: async (name) => [
      ...found(() => dns.records('AAAA', name).map(({ data }) => data)).values,
      ...found(() => dns.records('A', name).map(({ data }) => data)).values,
    ],
  };
}

function codeOf(error: unknown): string {
  if (error instanceof NoRecords) return error.code;
  throw error;
}

/** An edge that nobody connects to, and the handshake with it: which leaf it would show. */
export type InProcessEdge = {
  readonly edge: Edge;
  readonly served: ServedCertificate;
  readonly handshakes: Handshakes;
};

/** Serves what its source holds as the TLS edge does: an exact name before a wildcard, and the source's last of two. */
export function createInProcessEdge(certificates: CertificateSource, lag: boolean): InProcessEdge {
  let shown = chainsOf(certificates);
  let handshakes = 0;
  let down = false;
  const catchUp = (): void => {
    shown = chainsOf(certificates);
  };
  const chainFor = (servername: string): Chain | undefined =>
    down ? undefined : (shown.get(servername) ?? shown.get(servername.replace(/^[^.]+/, '*')));
  let lagging = lag;
  const leave = certificates.onChange(() => {
    if (!lagging) catchUp();
  });
  const probe: ServedCertificate['probe'] = async ({ servername }) => {
    const chain = chainFor(servername);
    if (chain === undefined) return { error: `no certificate for ${servername}` };
    handshakes += 1;
    const { raw, validToDate } = new X509Certificate(chain.leafPem);
    return { sha256: createHash('sha256').update(raw).digest('hex'), notAfter: validToDate.getTime() };
  };
  const look: Handshakes['look'] = async ({ host, servername }, _timeoutMs, roots) => {
    const chain = chainFor(servername);
    if (chain === undefined) return { host, addresses: [{ address: host, error: `no certificate for ${servername}` }] };
    handshakes += 1;
    return { host, addresses: [lookOf(chain, host, servername, roots)] };
  };
  const setLagging = (isLagging: boolean): void => {
    lagging = isLagging;
  };
  const setDown = (isDown: boolean): void => {
    down = isDown;
  };
  const stop = async (): Promise<void> => leave();
  return {
    edge: { port: 443, handshakes: () => handshakes, catchUp, setLagging, setDown, stop },
    served: { probe },
    handshakes: { look },
  };
}

type Chain = { readonly leafPem: string; readonly chainPem: string };

function lookOf(
  { leafPem, chainPem }: Chain,
  address: string,
  servername: string,
  roots: readonly string[],
): AddressLook {
  const [issuer] = certificatesIn(chainPem);
  const top = certificatesIn(chainPem).at(-1);
  const isTrusted = roots
    .flatMap(certificatesIn)
    .some((root) => top !== undefined && top.issuer === root.subject && top.verify(root.publicKey));
  const leaf = seenLeaf(new X509Certificate(leafPem), issuer, servername);
  const untrusted = roots.length === 0 || isTrusted ? {} : { untrusted: 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY' };
  return { address, leaf: { ...leaf, ...untrusted } };
}

function certificatesIn(pem: string): readonly X509Certificate[] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g) ?? [];
  return blocks.map((block) => new X509Certificate(block));
}

function chainsOf(source: CertificateSource): ReadonlyMap<string, Chain> {
  return new Map(source.certificates().flatMap((shown) => shown.domains.map((name) => [name, shown] as const)));
}
