import 'reflect-metadata';
import { X509Certificate } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import type { Answer } from '../support/agent.ts';
import type { Stage } from '../support/stage.ts';
import { collect, refused, seen } from './case.ts';

const { cases, add } = collect('RFC 9773');
export const renewalInfoCases = cases;

const malformed = refused(400, 'malformed');

/** Section 4.1, worked out from the certificate alone. */
function certIdOf(chain: string): string {
  const leaf = new x509.X509Certificate(chain);
  const authority = leaf.extensions.find((each) => each instanceof x509.AuthorityKeyIdentifierExtension);
  const serial = leaf.serialNumber.length % 2 === 1 ? `0${leaf.serialNumber}` : leaf.serialNumber;
  const content = Number.parseInt(serial.slice(0, 2), 16) > 0x7f ? `00${serial}` : serial;
  return `${Buffer.from(authority?.keyId ?? '', 'hex').toString('base64url')}.${Buffer.from(content, 'hex').toString('base64url')}`;
}

async function ask(stage: Stage, certId: string): Promise<Answer> {
  const agent = stage.stranger();
  return agent.ask(`${await agent.url('renewalInfo')}/${certId}`);
}

function windowOf(answer: Answer): { readonly start: number; readonly end: number } {
  const { start, end } = answer.body.suggestedWindow as { start: string; end: string };
  return { start: Date.parse(start), end: Date.parse(end) };
}

add(
  'ari-directory',
  '3',
  'the directory has renewalInfo',
  async (stage) => {
    return (await stage.stranger().url('renewalInfo')).startsWith('https://');
  },
  true,
);
add(
  'ari',
  '4.2',
  'an unauthenticated GET gets the window',
  async (stage) => {
    const { chain } = await stage.issue([stage.name()]);
    const answer = await ask(stage, certIdOf(chain));
    const leaf = new X509Certificate(chain);
    const { start, end } = windowOf(answer);
    return [answer.status, start < end, start > Date.parse(leaf.validFrom), end <= Date.parse(leaf.validTo)];
  },
  [200, true, true, true],
);
add(
  'ari-two-thirds',
  '4.2',
  'the window of a 90-day certificate lies about two thirds of its life',
  async (stage) => {
    const { chain } = await stage.issue([stage.name()]);
    const leaf = new X509Certificate(chain);
    const { start, end } = windowOf(await ask(stage, certIdOf(chain)));
    const life = Date.parse(leaf.validTo) - Date.parse(leaf.validFrom);
    return Math.round((100 * ((start + end) / 2 - Date.parse(leaf.validFrom))) / life);
  },
  67,
);
add(
  'ari-retry-after',
  '4.3',
  'the answer says when to ask again',
  async (stage) => {
    const { chain } = await stage.issue([stage.name()]);
    return Number((await ask(stage, certIdOf(chain))).header('retry-after')) > 0;
  },
  true,
);
add(
  'ari-dates',
  '4.2',
  'the window is told in RFC 3339',
  async (stage) => {
    const { chain } = await stage.issue([stage.name()]);
    const { start } = (await ask(stage, certIdOf(chain))).body.suggestedWindow as { start: string };
    return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(start);
  },
  true,
);
add(
  'ari-unknown',
  '4.2',
  'an unknown serial gets 404',
  async (stage) => {
    const { chain } = await stage.issue([stage.name()]);
    const [authority] = certIdOf(chain).split('.');
    return seen(await ask(stage, `${authority}.AIdlQyE`));
  },
  refused(404, 'malformed'),
);
add(
  'ari-no-dot',
  '4.1',
  'a certID without dot is refused',
  async (stage) => seen(await ask(stage, 'aYhba4dGQEHhs3uEe6CuLN4ByNQ')),
  malformed,
);
add(
  'ari-not-base64url',
  '4.1',
  'a certID that is not base64url is refused',
  async (stage) => seen(await ask(stage, 'a~b.c~d')),
  malformed,
);
add(
  'ari-padded',
  '4.1',
  'a certID with padding is refused',
  async (stage) => {
    const { chain } = await stage.issue([stage.name()]);
    return seen(await ask(stage, `${certIdOf(chain)}==`));
  },
  malformed,
);
add(
  'ari-revoked',
  '4.2',
  'the window of a revoked certificate is past',
  async (stage) => {
    const { agent, chain } = await stage.issue([stage.name()]);
    const certificate = new X509Certificate(chain).raw.toString('base64url');
    await agent.post(await agent.url('revokeCert'), { certificate });
    return windowOf(await ask(stage, certIdOf(chain))).end < Date.now();
  },
  true,
);
add(
  'replaces',
  '5',
  'an order that replaces a certificate says so',
  async (stage) => {
    const name = stage.name();
    const { agent, chain } = await stage.issue([name]);
    const replaces = certIdOf(chain);
    const order = await agent.order([name], { replaces });
    return [order.status, order.body.replaces === replaces];
  },
  [201, true],
);
add(
  'replaces-issued',
  '5',
  'a certificate that was replaced gets alreadyReplaced',
  async (stage) => {
    const name = stage.name();
    const { agent, chain } = await stage.issue([name]);
    await stage.issue([name], agent, { replaces: certIdOf(chain) });
    return seen(await agent.order([name], { replaces: certIdOf(chain) }));
  },
  refused(409, 'alreadyReplaced'),
);
add(
  'replaces-open',
  '5',
  'so does one with a replacement order that is open',
  async (stage) => {
    const name = stage.name();
    const { agent, chain } = await stage.issue([name]);
    await agent.order([name], { replaces: certIdOf(chain) });
    return seen(await agent.order([name], { replaces: certIdOf(chain) }));
  },
  refused(409, 'alreadyReplaced'),
);
add(
  'replaces-failed',
  '5',
  'but not one whose replacement order is invalid',
  async (stage) => {
    const name = stage.name();
    const { agent, chain } = await stage.issue([name]);
    const failed = await agent.order([name], { replaces: certIdOf(chain) });
    const { url } = await stage.authorization(agent, failed);
    await agent.post(url, { status: 'deactivated' });
    return (await agent.order([name], { replaces: certIdOf(chain) })).status;
  },
  201,
);
add(
  'replaces-more-names',
  '5',
  'the new order may have other names besides a common one',
  async (stage) => {
    const name = stage.name();
    const { agent, chain } = await stage.issue([name]);
    return (await agent.order([name, stage.name()], { replaces: certIdOf(chain) })).status;
  },
  201,
);
add(
  'replaces-foreign',
  '5',
  "another account's certificate gets unauthorized",
  async (stage) => {
    const name = stage.name();
    const { chain } = await stage.issue([name]);
    return seen(await (await stage.member()).order([name], { replaces: certIdOf(chain) }));
  },
  refused(403, 'unauthorized'),
);
add(
  'replaces-no-common-name',
  '5',
  'a certificate without a common name is refused',
  async (stage) => {
    const { agent, chain } = await stage.issue([stage.name()]);
    return seen(await agent.order([stage.name()], { replaces: certIdOf(chain) }));
  },
  malformed,
);
add(
  'replaces-unknown',
  '5',
  'an unknown certificate gets 404',
  async (stage) => {
    const name = stage.name();
    const { agent, chain } = await stage.issue([name]);
    const [authority] = certIdOf(chain).split('.');
    return seen(await agent.order([name], { replaces: `${authority}.AIdlQyE` }));
  },
  refused(404, 'malformed'),
);
add(
  'replaces-garbage',
  '5',
  'what is no certID is refused',
  async (stage) => {
    return seen(await (await stage.member()).order([stage.name()], { replaces: 'not a certID' }));
  },
  malformed,
);
