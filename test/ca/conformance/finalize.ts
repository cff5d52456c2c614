import { webcrypto, X509Certificate } from 'node:crypto';
import type { Json } from '../support/agent.ts';
import { verifies } from '../support/chain.ts';
import { makeCsr, privateKeyOf, webKeys } from '../support/csr.ts';
import type { Stage } from '../support/stage.ts';
import { collect, refused, seen } from './case.ts';

const { cases, add } = collect('RFC 8555');
export const finalizeCases = cases;

const malformed = refused(400, 'malformed');

/** Finalize of a ready order for one name; the CSR may be made of the name. */
async function finalize(stage: Stage, payload: (name: string) => Promise<unknown>): Promise<unknown> {
  const agent = await stage.member();
  const name = stage.name();
  const order = await stage.ready(agent, [name]);
  const answer = await agent.post(String(order.body.finalize), await payload(name));
  const after = await agent.post(order.url);
  return { ...seen(answer), order: after.body.status === 'ready' ? 'ready' : 'taken on' };
}

async function withCsr(stage: Stage, make: (name: string) => Promise<string>): Promise<unknown> {
  return finalize(stage, async (name) => ({ csr: await make(name) }));
}

/** Refused before processing: the order may be finalized again. */
const kept = (status: number, problem: string) => ({ ...refused(status, problem), order: 'ready' });

add(
  'finalize',
  '7.4',
  'finalize of a ready order ends in a valid one with a certificate URL',
  async (stage) => {
    const { order } = await stage.issue([stage.name()]);
    return [order.status, String(order.certificate).startsWith('https://')];
  },
  ['valid', true],
);
add(
  'finalize-answer',
  '7.4',
  'finalize gets 200 and the order, processing or valid',
  async (stage) => {
    const agent = await stage.member();
    const name = stage.name();
    const order = await stage.ready(agent, [name]);
    const answer = await agent.post(String(order.body.finalize), { csr: (await makeCsr({ names: [name] })).text });
    return [answer.status, ['processing', 'valid'].includes(String(answer.body.status))];
  },
  [200, true],
);
add(
  'finalize-pending',
  '7.4',
  'finalize of a pending order gets orderNotReady',
  async (stage) => {
    const agent = await stage.member();
    const name = stage.name();
    const order = await agent.order([name]);
    return seen(await agent.post(String(order.body.finalize), { csr: (await makeCsr({ names: [name] })).text }));
  },
  refused(403, 'orderNotReady'),
);
add(
  'finalize-twice',
  '7.4',
  'finalize of a valid order gets orderNotReady',
  async (stage) => {
    const { agent, order, csr } = await stage.issue([stage.name()]);
    return seen(await agent.post(String(order.finalize), { csr: csr.text }));
  },
  refused(403, 'orderNotReady'),
);
add(
  'finalize-twice-keeps',
  '7.4',
  'and the order stays valid',
  async (stage) => {
    const { agent, order, orderUrl, csr } = await stage.issue([stage.name()]);
    await agent.post(String(order.finalize), { csr: csr.text });
    return (await agent.post(orderUrl)).body.status;
  },
  'valid',
);
add(
  'finalize-foreign',
  '7.4',
  'another account cannot finalize',
  async (stage) => {
    const agent = await stage.member();
    const name = stage.name();
    const order = await stage.ready(agent, [name]);
    const csr = (await makeCsr({ names: [name] })).text;
    return seen(await (await stage.member()).post(String(order.body.finalize), { csr }));
  },
  refused(403, 'unauthorized'),
);
add(
  'finalize-unknown',
  '7.4',
  'finalize of an unknown order gets 404',
  async (stage) => {
    const agent = await stage.member();
    const order = await agent.order([stage.name()]);
    return (await agent.post(`${String(order.body.finalize).slice(0, -3)}000`, { csr: '' })).status;
  },
  404,
);
add(
  'csr-missing',
  '7.4',
  'a payload without CSR is refused and the order stays ready',
  async (stage) => finalize(stage, async () => ({})),
  kept(400, 'malformed'),
);
add(
  'csr-not-base64url',
  '7.4',
  'a CSR that is not base64url is refused',
  async (stage) => withCsr(stage, async () => 'a+b/c='),
  kept(400, 'malformed'),
);
add(
  'csr-pem',
  '7.4',
  'a CSR in PEM is refused',
  async (stage) => {
    return withCsr(stage, async () => '-----BEGIN CERTIFICATE REQUEST-----');
  },
  kept(400, 'malformed'),
);
add(
  'csr-garbage',
  '7.4',
  'a CSR that is no PKCS #10 is refused',
  async (stage) => withCsr(stage, async () => 'aGVsbG8'),
  kept(400, 'malformed'),
);
add(
  'csr-payload-empty',
  '7.4',
  'an empty payload is refused',
  async (stage) => finalize(stage, async () => undefined),
  kept(400, 'malformed'),
);
add(
  'csr-other-name',
  '7.4',
  'a CSR for another name gets unauthorized',
  async (stage) => {
    return withCsr(stage, async () => (await makeCsr({ names: [stage.name()] })).text);
  },
  kept(403, 'unauthorized'),
);
add(
  'csr-more-names',
  '7.4',
  'a CSR with one name more gets unauthorized',
  async (stage) => {
    return withCsr(stage, async (name) => (await makeCsr({ names: [name, stage.name()] })).text);
  },
  kept(403, 'unauthorized'),
);
add(
  'csr-no-names',
  '7.4',
  'a CSR without names gets unauthorized',
  async (stage) => {
    return withCsr(stage, async () => (await makeCsr({ names: [], bare: true })).text);
  },
  kept(403, 'unauthorized'),
);
add(
  'csr-account-key',
  '11.1',
  'a CSR with the account key gets badCSR',
  async (stage) => {
    const agent = await stage.member();
    const name = stage.name();
    const order = await stage.ready(agent, [name]);
    const csr = (await makeCsr({ names: [name], keys: await webKeys(agent.key) })).text;
    return seen(await agent.post(String(order.body.finalize), { csr }));
  },
  refused(400, 'badCSR'),
);
add(
  'csr-bad-signature',
  '7.4',
  'a CSR whose signature does not verify gets badCSR',
  async (stage) => {
    return withCsr(stage, async (name) => {
      const der = Buffer.from((await makeCsr({ names: [name] })).text, 'base64url');
      der[der.length - 1] = (der.at(-1) ?? 0) ^ 1;
      return der.toString('base64url');
    });
  },
  kept(400, 'badCSR'),
);
add(
  'csr-rsa-1024',
  '7.4',
  'a CSR with an RSA key of 1024 bits gets badCSR',
  async (stage) => {
    const algorithm = {
      name: 'RSASSA-PKCS1-v1_5',
      modulusLength: 1024,
      publicExponent: new Uint8Array([1, 0, 1]),
      hash: 'SHA-256',
    };
    return withCsr(stage, async (name) => (await makeCsr({ names: [name], algorithm })).text);
  },
  kept(400, 'badCSR'),
);
add(
  'csr-upper-case',
  '7.4',
  'names of a CSR are compared in lower case',
  async (stage) => {
    const agent = await stage.member();
    const name = stage.name();
    const order = await stage.ready(agent, [name]);
    return (await stage.finalize(agent, order, (await makeCsr({ names: [name.toUpperCase()] })).text)).status;
  },
  'valid',
);
add(
  'csr-common-name',
  '7.4',
  'the common name of a CSR may repeat one of its names',
  async (stage) => {
    const name = stage.name();
    return (await stage.issue([name], undefined, {}, { commonName: name })).order.status;
  },
  'valid',
);
add(
  'csr-common-name-only',
  '7.4',
  'a name that is the common name alone counts',
  async (stage) => {
    const agent = await stage.member();
    const name = stage.name();
    const order = await stage.ready(agent, [name]);
    const csr = (await makeCsr({ names: [], bare: true, commonName: name })).text;
    return (await agent.post(String(order.body.finalize), { csr })).status;
  },
  200,
);
add(
  'csr-p384',
  '7.4',
  'a CSR with a P-384 key is taken',
  async (stage) => {
    const algorithm = { name: 'ECDSA', namedCurve: 'P-384' };
    return (await stage.issue([stage.name()], undefined, {}, { algorithm })).order.status;
  },
  'valid',
);
add(
  'csr-rsa-2048',
  '7.4',
  'a CSR with an RSA key of 2048 bits is taken',
  async (stage) => {
    const algorithm = {
      name: 'RSASSA-PKCS1-v1_5',
      modulusLength: 2048,
      publicExponent: new Uint8Array([1, 0, 1]),
      hash: 'SHA-256',
    };
    return (await stage.issue([stage.name()], undefined, {}, { algorithm })).order.status;
  },
  'valid',
);

add(
  'certificate-type',
  '7.4.2',
  'a certificate is application/pem-certificate-chain',
  async (stage) => {
    const { agent, certificateUrl } = await stage.issue([stage.name()]);
    const answer = await agent.post(certificateUrl);
    return [answer.status, answer.header('content-type')?.split(';')[0]];
  },
  [200, 'application/pem-certificate-chain'],
);
add(
  'certificate-names',
  '7.4.2',
  'the leaf has exactly the names of the order',
  async (stage) => {
    const name = stage.name();
    const { chain } = await stage.issue([name, `*.${name}`]);
    return new X509Certificate(chain).subjectAltName
      ?.split(', ')
      .toSorted()
      .map((each) => each.replace(name, 'NAME'));
  },
  ['DNS:*.NAME', 'DNS:NAME'],
);
add(
  'certificate-key',
  '7.4.2',
  'the leaf has the key of the CSR',
  async (stage) => {
    const { chain, csr } = await stage.issue([stage.name()]);
    return new X509Certificate(chain).checkPrivateKey(privateKeyOf(csr.keys));
  },
  true,
);
add(
  'certificate-chain',
  '7.4.2',
  'the chain verifies up to the root, which is left out',
  async (stage) => {
    const { chain } = await stage.issue([stage.name()]);
    return verifies(chain, stage.server.issuerRootsPem);
  },
  { certificates: 2, verifies: true },
);
add(
  'certificate-now',
  '7.4.2',
  'the certificate is valid now',
  async (stage) => {
    const leaf = new X509Certificate((await stage.issue([stage.name()])).chain);
    return Date.parse(leaf.validFrom) <= Date.now() && Date.parse(leaf.validTo) > Date.now();
  },
  true,
);
add(
  'certificate-profile',
  '7.4.2',
  'a profile decides the lifetime (draft-ietf-acme-profiles)',
  async (stage) => {
    const { chain } = await stage.issue([stage.name()], undefined, { profile: 'shortlived' });
    const leaf = new X509Certificate(chain);
    return Math.round((Date.parse(leaf.validTo) - Date.parse(leaf.validFrom)) / 86_400_000);
  },
  6,
);
add(
  'certificate-alternate',
  '7.4.2',
  'alternate chains are linked, for the same leaf, up to another root',
  async (stage) => {
    const { agent, certificateUrl, chain } = await stage.issue([stage.name()]);
    const { links } = await agent.post(certificateUrl);
    const url =
      links.map((link) => /^<(.+)>;\s*rel="alternate"$/.exec(link)?.[1]).find((each) => each !== undefined) ?? '';
    const other = (await agent.post(url)).text;
    const sameLeaf = new X509Certificate(other).fingerprint256 === new X509Certificate(chain).fingerprint256;
    return { sameLeaf, sameChain: other === chain, ...verifies(other, stage.server.issuerRootsPem) };
  },
  { sameLeaf: true, sameChain: false, certificates: 2, verifies: true },
);
add(
  'certificate-foreign',
  '7.4.2',
  'another account does not get the certificate',
  async (stage) => {
    const { certificateUrl } = await stage.issue([stage.name()]);
    return seen(await (await stage.member()).post(certificateUrl));
  },
  refused(403, 'unauthorized'),
);
add(
  'certificate-unknown',
  '7.4.2',
  'an unknown certificate gets 404',
  async (stage) => {
    const { agent, certificateUrl } = await stage.issue([stage.name()]);
    return (await agent.post(`${certificateUrl.slice(0, -3)}000`)).status;
  },
  404,
);
add(
  'certificate-get',
  '6.3',
  'GET of a certificate gets 405',
  async (stage) => {
    const { agent, certificateUrl } = await stage.issue([stage.name()]);
    return seen(await agent.ask(certificateUrl));
  },
  refused(405, 'malformed'),
);

interface Revocation {
  readonly reason?: unknown;
  readonly certificate?: string;
}

function der(chain: string): string {
  return new X509Certificate(chain).raw.toString('base64url');
}

/** A certificate, and its revocation by its account. */
async function revoke(stage: Stage, payload: Revocation = {}): Promise<unknown> {
  const { agent, chain } = await stage.issue([stage.name()]);
  return seen(await agent.post(await agent.url('revokeCert'), { certificate: der(chain), ...payload }));
}

const revoked = { status: 200, problem: undefined };
add('revoke', '7.6', 'the account revokes its certificate', async (stage) => revoke(stage), revoked);
add('revoke-reason', '7.6', 'with a reason', async (stage) => revoke(stage, { reason: 4 }), revoked);
add(
  'revoke-reason-7',
  '7.6',
  'reason 7 gets badRevocationReason',
  async (stage) => revoke(stage, { reason: 7 }),
  refused(400, 'badRevocationReason'),
);
add(
  'revoke-reason-99',
  '7.6',
  'reason 99 gets badRevocationReason',
  async (stage) => revoke(stage, { reason: 99 }),
  refused(400, 'badRevocationReason'),
);
add(
  'revoke-garbage',
  '7.6',
  'what is not base64url is refused',
  async (stage) => revoke(stage, { certificate: '+++' }),
  malformed,
);
add(
  'revoke-unknown',
  '7.6',
  'a certificate of nobody gets 404',
  async (stage) => revoke(stage, { certificate: 'aGVsbG8' }),
  refused(404, 'malformed'),
);
add(
  'revoke-twice',
  '7.6',
  'a second revocation gets alreadyRevoked',
  async (stage) => {
    const { agent, chain } = await stage.issue([stage.name()]);
    const url = await agent.url('revokeCert');
    await agent.post(url, { certificate: der(chain) });
    return seen(await agent.post(url, { certificate: der(chain) }));
  },
  refused(400, 'alreadyRevoked'),
);
add(
  'revoke-by-key',
  '7.6',
  'the key of the certificate revokes it',
  async (stage) => {
    const { agent, chain, csr } = await stage.issue([stage.name()]);
    const jwk = await webcrypto.subtle.exportKey('jwk', csr.keys.publicKey);
    const { crv, kty, x, y } = jwk as Json;
    const key = { ...agent.key, privateKey: privateKeyOf(csr.keys) };
    const header = { kid: undefined, jwk: { crv, kty, x, y } };
    return seen(await agent.post(await agent.url('revokeCert'), { certificate: der(chain) }, { key, header }));
  },
  revoked,
);
add(
  'revoke-by-other-key',
  '7.6',
  'another key does not',
  async (stage) => {
    const { chain } = await stage.issue([stage.name()]);
    const stranger = stage.stranger();
    return seen(await stranger.post(await stranger.url('revokeCert'), { certificate: der(chain) }));
  },
  refused(403, 'unauthorized'),
);
add(
  'revoke-by-other-account',
  '7.6',
  'another account does not',
  async (stage) => {
    const { chain } = await stage.issue([stage.name()]);
    const other = await stage.member();
    return seen(await other.post(await other.url('revokeCert'), { certificate: der(chain) }));
  },
  refused(403, 'unauthorized'),
);
add(
  'revoke-by-proof',
  '7.6',
  'an account that has proven all the names does',
  async (stage) => {
    const name = stage.name();
    const { chain } = await stage.issue([name]);
    const other = await stage.member();
    await stage.ready(other, [name]);
    return seen(await other.post(await other.url('revokeCert'), { certificate: der(chain) }));
  },
  revoked,
);
