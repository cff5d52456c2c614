import 'reflect-metadata';
import * as x509 from '@peculiar/x509';
import type { RevocationLists } from '../core/ports.ts';

/** What lists are had by. */
export type RevocationListSettings = {
  /** The bytes at an http:// URL. Throws where they cannot be had. */
  readonly fetchList: (url: string) => Promise<Uint8Array>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
};

/** A list is asked for again after this long, although it may stand for days. Milliseconds. */
const KEPT_MS = 3 * 3_600_000;

type Kept = { readonly at: number; readonly list: Promise<x509.X509Crl | undefined> };

/**
 * Looks certificates up in the lists that they name (RFC 5280 sections 4.2.1.13 and 5), each list once in a while. A list that
 * is not signed by the certificate's issuer, or is out of date, says nothing.
 */
export function createRevocationLists({ fetchList, now }: RevocationListSettings): RevocationLists {
  const kept = new Map<string, Kept>();
  const listAt = (url: string): Promise<x509.X509Crl | undefined> => {
    const known = kept.get(url);
    if (known !== undefined && now() - known.at < KEPT_MS) return known.list;
    const list = fetchList(url).then(
      (bytes) => new x509.X509Crl(new Uint8Array(bytes)),
      () => undefined,
    );
    kept.set(url, { at: now(), list });
    return list;
  };
  return {
    isRevoked: async (leafDer, issuerDer) => {
      const leaf = new x509.X509Certificate(new Uint8Array(leafDer));
      const issuer = new x509.X509Certificate(new Uint8Array(issuerDer));
      const [url] = urlsOf(leaf);
      const list = url === undefined ? undefined : await listAt(url).catch(() => undefined);
      if (list === undefined || (list.nextUpdate?.getTime() ?? 0) < now()) return undefined;
      if (list.issuer !== leaf.issuer || !(await list.verify({ publicKey: issuer }))) return undefined;
      return list.findRevoked(leaf.serialNumber) !== null;
    },
  };
}

function urlsOf(leaf: x509.X509Certificate): readonly string[] {
  const points = leaf.getExtension(x509.CRLDistributionPointsExtension)?.distributionPoints ?? [];
  const names = points.flatMap(({ distributionPoint }) => distributionPoint?.fullName ?? []);
  return names.flatMap(({ uniformResourceIdentifier }) => uniformResourceIdentifier ?? []);
}
