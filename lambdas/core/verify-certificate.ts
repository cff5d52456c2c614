import { createPublicKey, X509Certificate } from 'node:crypto';
import { rootCertificates } from 'node:tls';
import type { CaSettings } from './declaration.ts';
import type { Validity } from './renewal.ts';

/** An issued certificate as it is stored: leaf and intermediates apart, identity, dates. */
export type IssuedCertificate = Validity & {
  /** SHA-256 of the leaf's DER, lower-case hex. */
  readonly sha256: string;
  readonly leafPem: string;
  /** In order, without a self-signed root. */
  readonly intermediatesPem: string;
};

/** What a certificate must be before it may be promoted. */
export type Expectation = {
  /** PKCS#8 or SPKI PEM of the key the CSR was made with. */
  readonly keyPem: string;
  readonly domains: readonly string[];
  readonly ca: Pick<CaSettings, 'environment' | 'issuerRootsPem'>;
  readonly now: number;
};

/** Clocks differ; a certificate may begin this much later than now. Milliseconds. */
const FUTURE_MS = 3_600_000;

/** Splits a PEM chain (RFC 8555 section 7.4.2) into its certificates. Throws where one cannot be parsed. */
export function parseChain(chainPem: string): readonly X509Certificate[] {
  const blocks = chainPem.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g) ?? [];
  return blocks.map((block) => new X509Certificate(block));
}

/** A chain with each certificate before the one that issued it, as consumers want it; what does not belong comes last. */
function inOrder([leaf, ...rest]: readonly X509Certificate[]): readonly X509Certificate[] {
  if (leaf === undefined) return [];
  const ordered = [leaf];
  let left = rest;
  for (let last = leaf; left.length > 0; ) {
    const next = left.find((issuer) => last.checkIssued(issuer) && last.verify(issuer.publicKey));
    if (next === undefined) break;
    ordered.push(next);
    left = left.filter((certificate) => certificate !== next);
    last = next;
  }
  return [...ordered, ...left];
}

/** Common names of all issuers in a chain; none where it cannot be parsed. */
export function issuerNames(chainPem: string): readonly string[] {
  const chain = safely(() => parseChain(chainPem)) ?? [];
  return chain.flatMap(({ issuer }) => /^CN=(.*)$/m.exec(issuer)?.[1] ?? []);
}

/** The identity used everywhere: SHA-256 of a certificate's DER, lower-case hex. */
export function sha256Of(certificate: X509Certificate): string {
  return certificate.fingerprint256.replaceAll(':', '').toLowerCase();
}

/** Reads a downloaded chain. Undefined when it holds no certificate. */
export function readIssued(chainPem: string): IssuedCertificate | undefined {
  const [leaf, ...rest] = safely(() => inOrder(parseChain(chainPem))) ?? [];
  if (leaf === undefined) return undefined;
  return {
    sha256: sha256Of(leaf),
    leafPem: toPem(leaf),
    intermediatesPem: rest
      .filter((certificate) => !isSelfSigned(certificate))
      .map(toPem)
      .join(''),
    notBefore: Date.parse(leaf.validFrom),
    notAfter: Date.parse(leaf.validTo),
  };
}

/**
 * Why a certificate may not be promoted, as a sentence; undefined when it may: its key is the CSR's, its names are exactly
 * those asked for, its dates hold, its chain verifies and its issuer fits the environment.
 */
export function refusalOf(chainPem: string, expected: Expectation): string | undefined {
  const chain = safely(() => inOrder(parseChain(chainPem)));
  const leaf = chain?.[0];
  if (chain === undefined || leaf === undefined) return 'the CA sent no certificate that can be parsed';
  if (!hasKey(leaf, expected.keyPem)) return 'its public key is not that of the CSR';
  return namesRefusal(leaf, expected.domains) ?? datesRefusal(leaf, expected.now) ?? chainRefusal(chain, expected);
}

/** Whether the leaf of a chain belongs to a private key. */
export function hasKey(leaf: X509Certificate, privateKeyPem: string): boolean {
  const spki = (key: ReturnType<typeof createPublicKey>): string =>
    key.export({ type: 'spki', format: 'der' }).toString('base64');
  return spki(leaf.publicKey) === spki(createPublicKey(privateKeyPem));
}

function namesRefusal(leaf: X509Certificate, domains: readonly string[]): string | undefined {
  const names = (leaf.subjectAltName ?? '').split(',').map((name) => name.trim().replace(/^DNS:/, '').toLowerCase());
  const found = [...new Set(names)].sort().join(', ');
  const wanted = [...domains].sort().join(', ');
  return found === wanted ? undefined : `its names are "${found}" instead of "${wanted}"`;
}

function datesRefusal(leaf: X509Certificate, now: number): string | undefined {
  if (Date.parse(leaf.validTo) <= now) return `it ended at ${leaf.validTo}`;
  if (Date.parse(leaf.validFrom) > now + FUTURE_MS) return `it begins only at ${leaf.validFrom}`;
  return undefined;
}

function chainRefusal(chain: readonly X509Certificate[], { ca }: Expectation): string | undefined {
  const broken = chain.findIndex((certificate, at) => {
    const issuer = chain[at + 1];
    return issuer !== undefined && !(certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey));
  });
  if (broken >= 0) return `certificate ${broken + 1} of its chain is not signed by the next one`;
  return issuerRefusal(chain, ca);
}

/** Production chains end in a trusted root; staging chains end in one of their own, and never in a public root. */
function issuerRefusal(chain: readonly X509Certificate[], ca: Expectation['ca']): string | undefined {
  const last = chain.at(-1);
  if (last === undefined) return undefined;
  if (ca.issuerRootsPem !== undefined) {
    return endsIn(last, parseChain(ca.issuerRootsPem))
      ? undefined
      : 'its chain does not end in one of the configured issuer roots';
  }
  const isPublic = endsIn(last, publicRoots());
  if (ca.environment === 'production')
    return isPublic ? undefined : 'its chain does not end in a publicly trusted root';
  if (isPublic) return 'a staging CA sent a publicly trusted certificate';
  return chain.length > 1 ? undefined : 'the CA sent it without its issuer';
}

function endsIn(last: X509Certificate, roots: readonly X509Certificate[]): boolean {
  return roots.some(
    (root) => sha256Of(root) === sha256Of(last) || (last.checkIssued(root) && last.verify(root.publicKey)),
  );
}

let parsedRoots: readonly X509Certificate[] | undefined;
function publicRoots(): readonly X509Certificate[] {
  parsedRoots ??= rootCertificates.map((pem) => new X509Certificate(pem));
  return parsedRoots;
}

function isSelfSigned(certificate: X509Certificate): boolean {
  return certificate.checkIssued(certificate) && certificate.verify(certificate.publicKey);
}

function toPem(certificate: X509Certificate): string {
  return certificate.toString();
}

function safely<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}
