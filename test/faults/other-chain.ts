import 'reflect-metadata';
import type { webcrypto } from 'node:crypto';
import { randomBytes } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import type { VirtualAccount } from '../support/virtual-account.ts';
import { DAY } from '../support/virtual-account.ts';

const P256 = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const { keyCertSign, cRLSign } = x509.KeyUsageFlags;

type Signer = { readonly keys: webcrypto.CryptoKeyPair; readonly certificate: x509.X509Certificate };

/** A hierarchy that the CA has set up beside its first one. */
export type OtherHierarchy = {
  readonly rootPem: string;
  /** The leaf's key, names and dates in a certificate of this hierarchy, and its intermediates. */
  certify(leafPem: string): Promise<string>;
};

/** A new root with `depth` intermediates below it; its leaves have extensions of these types, with nothing in them that anybody reads. */
export async function otherHierarchy(
  now: number,
  depth: number,
  extensionTypes: readonly string[] = [],
): Promise<OtherHierarchy> {
  const extensions = extensionTypes.map((type) => new x509.Extension(type, false, randomBytes(64)));
  const root = await signer('New Root', now);
  const chain: Signer[] = [root];
  for (let level = 1; level <= depth; level += 1) chain.unshift(await signer(`New Y${level}`, now, chain[0]));
  const [issuer = root] = chain;
  const intermediates = chain.slice(0, -1).map(({ certificate }) => pemOf(certificate));
  return {
    rootPem: pemOf(root.certificate),
    certify: async (leafPem) => [pemOf(await leafOf(leafPem, issuer, extensions)), ...intermediates].join(''),
  };
}

/** From now on the CA's certificates come from another hierarchy: its answers are changed on their way to the steps. */
export function issueFrom(account: VirtualAccount, hierarchy: OtherHierarchy): void {
  const { acme } = account.ports.order;
  const { open } = acme;
  const made = new Map<string, Promise<string>>();
  acme.open = (...args) => {
    const session = open(...args);
    return {
      ...session,
      certificate: async (url) => {
        const [leaf = ''] = (await session.certificate(url)).split(/(?<=-----END CERTIFICATE-----\n)/);
        const certified = made.get(leaf) ?? hierarchy.certify(leaf);
        made.set(leaf, certified);
        return certified;
      },
    };
  };
}

async function signer(name: string, now: number, by?: Signer): Promise<Signer> {
  const keys = await crypto.subtle.generateKey(P256, true, ['sign', 'verify']);
  const signing = by ?? { keys, certificate: undefined };
  const certificate = await x509.X509CertificateGenerator.create({
    subject: `O=Perennial, CN=${name}`,
    issuer: signing.certificate?.subject ?? `O=Perennial, CN=${name}`,
    notBefore: new Date(now - DAY),
    notAfter: new Date(now + 3650 * DAY),
    publicKey: keys.publicKey,
    signingKey: signing.keys.privateKey,
    signingAlgorithm: P256,
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(keyCertSign | cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(signing.keys.publicKey),
    ],
  });
  return { keys, certificate };
}

async function leafOf(leafPem: string, issuer: Signer, extensions: readonly x509.Extension[]) {
  const leaf = new x509.X509Certificate(leafPem);
  const names = leaf.getExtension(x509.SubjectAlternativeNameExtension);
  return x509.X509CertificateGenerator.create({
    subject: leaf.subject,
    issuer: issuer.certificate.subject,
    notBefore: leaf.notBefore,
    notAfter: leaf.notAfter,
    publicKey: leaf.publicKey,
    signingKey: issuer.keys.privateKey,
    signingAlgorithm: P256,
    extensions: [
      ...(names === null ? [] : [names]),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      await x509.AuthorityKeyIdentifierExtension.create(issuer.keys.publicKey),
      ...extensions,
    ],
  });
}

function pemOf(certificate: x509.X509Certificate): string {
  return `${certificate.toString('pem')}\n`;
}
