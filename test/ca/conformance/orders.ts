import { type Answer, objects, strings } from '../support/agent.ts';
import type { Stage } from '../support/stage.ts';
import { CREATED, collect, refused, seen } from './case.ts';

const { cases, add } = collect('RFC 8555');
export const orderCases = cases;

/** The servers of the suite refuse it by policy. */
export const BLOCKED_NAME = 'blocked.example.test';

const malformed = refused(400, 'malformed');

async function identifiers(stage: Stage, value: unknown): Promise<Answer> {
  const agent = await stage.member();
  return agent.post(await agent.url('newOrder'), { identifiers: value, profile: 'default' });
}

async function dns(stage: Stage, ...names: readonly string[]): Promise<unknown> {
  return seen(
    await identifiers(
      stage,
      names.map((value) => ({ type: 'dns', value })),
    ),
  );
}

add(
  'order-new',
  '7.4',
  'newOrder gets 201, Location and a pending order',
  async (stage) => {
    const agent = await stage.member();
    const name = stage.name();
    const { status, header, body } = await agent.order([name]);
    const urls = [header('location'), body.finalize, ...strings(body.authorizations)];
    return {
      status,
      order: body.status,
      identifiers: objects(body.identifiers).map((each) => each.type),
      future: Date.parse(String(body.expires)) > Date.now(),
      urls: urls.map((url) => String(url).startsWith('https://')),
      certificate: body.certificate,
    };
  },
  {
    status: 201,
    order: 'pending',
    identifiers: ['dns'],
    future: true,
    urls: [true, true, true],
    certificate: undefined,
  },
);
add(
  'order-no-identifiers',
  '7.4',
  'an order without identifiers is refused',
  async (stage) => seen(await identifiers(stage, [])),
  malformed,
);
add(
  'order-identifiers-missing',
  '7.4',
  'an order without the member is refused',
  async (stage) => seen(await identifiers(stage, undefined)),
  malformed,
);
add(
  'order-identifiers-type',
  '7.4',
  'identifiers that are no array are refused',
  async (stage) => seen(await identifiers(stage, 'a')),
  malformed,
);
add(
  'order-payload-array',
  '7.4',
  'a payload that is no object is refused',
  async (stage) => {
    const agent = await stage.member();
    return seen(await agent.post(await agent.url('newOrder'), []));
  },
  malformed,
);
add(
  'identifier-type',
  '7.4',
  'an identifier type nobody knows gets unsupportedIdentifier',
  async (stage) => {
    return seen(await identifiers(stage, [{ type: 'email', value: 'a@example.test' }]));
  },
  refused(400, 'unsupportedIdentifier'),
);
add('name-empty', '7.4', 'an empty name is refused', async (stage) => dns(stage, ''), malformed);
add(
  'name-illegal',
  '7.4',
  'a name with an illegal character is refused',
  async (stage) => dns(stage, 'a_b!.example.test'),
  malformed,
);
add(
  'name-dot',
  '7.4',
  'a name that ends in a dot is refused',
  async (stage) => dns(stage, 'a.example.test.'),
  malformed,
);
add(
  'name-long',
  '7.4',
  'a name of more than 253 characters is refused',
  async (stage) => {
    return dns(stage, `${'a123456789.'.repeat(23)}example.test`);
  },
  malformed,
);
add(
  'name-long-label',
  '7.4',
  'a label of more than 63 characters is refused',
  async (stage) => dns(stage, `${'a'.repeat(64)}.example.test`),
  malformed,
);
add(
  'name-address',
  '7.4',
  'an IP address as a dns identifier is refused',
  async (stage) => dns(stage, '192.0.2.1'),
  malformed,
);
add('name-single-label', '7.4', 'a name without a dot is refused', async (stage) => dns(stage, 'localhost'), malformed);
add(
  'name-not-ascii',
  '7.1.4',
  'a name that is not ASCII is refused',
  async (stage) => dns(stage, 'exämple.test'),
  malformed,
);
add(
  'wildcard-inside',
  '7.1.3',
  'a wildcard that is not the leftmost label is refused',
  async (stage) => dns(stage, 'a.*.example.test'),
  malformed,
);
add(
  'wildcard-partial',
  '7.1.3',
  'a wildcard that is part of a label is refused',
  async (stage) => dns(stage, 'a*.example.test'),
  malformed,
);
add('wildcard-twice', '7.1.3', 'two wildcards are refused', async (stage) => dns(stage, '*.*.example.test'), malformed);
add(
  'name-blocked',
  '7.4',
  'a name forbidden by policy gets rejectedIdentifier',
  async (stage) => dns(stage, BLOCKED_NAME),
  refused(400, 'rejectedIdentifier'),
);
add(
  'name-blocked-below',
  '7.4',
  'so does a name below it',
  async (stage) => dns(stage, `a.${BLOCKED_NAME}`),
  refused(400, 'rejectedIdentifier'),
);
add(
  'name-blocked-among',
  '7.4',
  'one forbidden name spoils the order',
  async (stage) => dns(stage, stage.name(), BLOCKED_NAME),
  refused(400, 'rejectedIdentifier'),
);
add(
  'subproblems',
  '6.7.1',
  'two forbidden names are told as two subproblems with their identifiers',
  async (stage) => {
    const names = [`a.${BLOCKED_NAME}`, `b.${BLOCKED_NAME}`];
    const answer = await identifiers(
      stage,
      names.map((value) => ({ type: 'dns', value })),
    );
    return objects(answer.body.subproblems).map((each) => (each.identifier as { value: string }).value);
  },
  [`a.${BLOCKED_NAME}`, `b.${BLOCKED_NAME}`],
);
add(
  'name-upper-case',
  '7.1.4',
  'names are compared in lower case',
  async (stage) => {
    const name = stage.name();
    const answer = await identifiers(stage, [{ type: 'dns', value: name.toUpperCase() }]);
    return objects(answer.body.identifiers).map((each) => each.value === name);
  },
  [true],
);
add(
  'name-twice',
  '7.4',
  'a name that is there twice is taken once',
  async (stage) => {
    const name = stage.name();
    const answer = await identifiers(
      stage,
      [name, name].map((value) => ({ type: 'dns', value })),
    );
    return [answer.status, objects(answer.body.identifiers).length, strings(answer.body.authorizations).length];
  },
  [201, 1, 1],
);
add(
  'profile',
  '7.4',
  'the profile asked for is shown (draft-ietf-acme-profiles section 4)',
  async (stage) => {
    const agent = await stage.member();
    return (await agent.order([stage.name()], { profile: 'shortlived' })).body.profile;
  },
  'shortlived',
);
add(
  'profile-unknown',
  '7.4',
  'an unknown profile gets invalidProfile (draft-ietf-acme-profiles section 4)',
  async (stage) => {
    const agent = await stage.member();
    return seen(await agent.order([stage.name()], { profile: 'best' }));
  },
  refused(400, 'invalidProfile'),
);
add(
  'order-date',
  '7.4',
  'a notAfter that is no date is refused',
  async (stage) => {
    const agent = await stage.member();
    return seen(await agent.order([stage.name()], { notAfter: 'tomorrow' }));
  },
  malformed,
);
add(
  'order-dates-backwards',
  '7.4',
  'a validity that ends before it begins is refused',
  async (stage) => {
    const agent = await stage.member();
    return seen(
      await agent.order([stage.name()], { notBefore: '2030-01-02T00:00:00Z', notAfter: '2030-01-01T00:00:00Z' }),
    );
  },
  malformed,
);
add(
  'order-read',
  '7.4',
  'an order is read by POST-as-GET',
  async (stage) => {
    const agent = await stage.member();
    const made = await agent.order([stage.name()]);
    const answer = await agent.post(made.header('location') ?? '');
    return [answer.status, answer.body.finalize === made.body.finalize];
  },
  [200, true],
);
add(
  'order-read-payload',
  '6.3',
  'an order is not read by a POST with {}',
  async (stage) => {
    const agent = await stage.member();
    const made = await agent.order([stage.name()]);
    return seen(await agent.post(made.header('location') ?? '', {}));
  },
  malformed,
);
add(
  'order-foreign',
  '7.4',
  "another account's order is not shown",
  async (stage) => {
    const made = await (await stage.member()).order([stage.name()]);
    return seen(await (await stage.member()).post(made.header('location') ?? ''));
  },
  refused(403, 'unauthorized'),
);
add(
  'order-unknown',
  '7.4',
  'an unknown order gets 404',
  async (stage) => {
    const agent = await stage.member();
    const url = (await agent.order([stage.name()])).header('location') ?? '';
    return (await agent.post(`${url.slice(0, -3)}000`)).status;
  },
  404,
);
add(
  'order-wildcard',
  '7.1.3',
  'apex and wildcard get an authorization each, for the same name',
  async (stage) => {
    const agent = await stage.member();
    const name = stage.name();
    const order = await agent.order([name, `*.${name}`]);
    const bodies = await Promise.all(
      strings(order.body.authorizations).map(async (url) => (await agent.post(url)).body),
    );
    const seenNames = bodies.map((body) => [(body.identifier as { value: string }).value === name, body.wildcard]);
    return seenNames.toSorted((one, other) => Number(one[1] ?? false) - Number(other[1] ?? false));
  },
  [
    [true, undefined],
    [true, true],
  ],
);
add(
  'order-ten-names',
  '7.4',
  'ten names get ten authorizations',
  async (stage) => {
    const agent = await stage.member();
    const names = Array.from({ length: 10 }, () => stage.name());
    return strings((await agent.order(names)).body.authorizations).length;
  },
  10,
);
add(
  'orders-list-foreign',
  '7.1.2.1',
  "another account's orders list is not shown",
  async (stage) => {
    const other = await stage.member();
    const { orders } = (await other.post(String(other.kid))).body;
    return seen(await (await stage.member()).post(String(orders)));
  },
  refused(403, 'unauthorized'),
);
add(
  'orders-list-pages',
  '7.1.2.1',
  'a long orders list comes in pages linked by "next"',
  async (stage) => {
    const agent = await stage.member();
    for (let count = 0; count < 12; count += 1) await agent.order([stage.name()]);
    let url: string | undefined = String((await agent.post(String(agent.kid))).body.orders);
    const all: string[] = [];
    while (url !== undefined) {
      const page: Answer = await agent.post(url);
      all.push(...strings(page.body.orders));
      url = page.links.map((link) => /^<(.+)>;\s*rel="next"$/.exec(link)?.[1]).find((each) => each !== undefined);
    }
    return new Set(all).size;
  },
  12,
);
add(
  'order-other-account-same-names',
  '7.4',
  'two accounts may order the same names',
  async (stage) => {
    const name = stage.name();
    await (await stage.member()).order([name]);
    return seen(await (await stage.member()).order([name]));
  },
  CREATED,
);
