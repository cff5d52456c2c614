import { X509Certificate } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { certIdOf } from '../../local/ca/ari.ts';
import { startCa } from '../../local/ca/ca.ts';
import { registeredDomain } from '../../local/ca/identifiers.ts';
import { suggestedWindow } from '../../local/ca/renewal-window.ts';
import type { Agent, Json } from './support/agent.ts';
import { makeCsr } from './support/csr.ts';
import { Session } from './support/session.ts';
import { DAY, HOUR, startVirtual, type Virtual } from './support/virtual.ts';
import { startZone } from './support/zone.ts';

let virtual: Virtual;
let agent: Agent;

async function open(...options: Parameters<typeof startVirtual>): Promise<void> {
  virtual = await startVirtual(...options);
  agent = await virtual.stage.member();
}

describe('the number of requests for one name, finalize synchronous', () => {
  it('is 6 when directory, account and nonce are at hand, 8 when only the account is', async () => {
    const zone = await startZone();
    const ca = await startCa({ resolver: zone.address });
    const session = await Session.open(ca);
    const publish = (name: string) => (value: string) => zone.txt(`_acme-challenge.${name}`, value);
    const [warm, cold] = ['warm.example.test', 'cold.example.test'];
    ca.journal.clear();
    await session.issue(warm, (await makeCsr({ names: [warm] })).text, publish(warm));
    expect(ca.journal.count()).toBe(6);
    ca.journal.clear();
    session.cool();
    await session.readDirectory();
    await session.issue(cold, (await makeCsr({ names: [cold] })).text, publish(cold));
    expect(ca.journal.count()).toBe(8);
    session.close();
    await ca.stop();
    await zone.close();
  });
});

describe('what the operator does', () => {
  beforeEach(() => open());
  afterEach(() => virtual.close());

  it('changed terms stop an account, with the URL, until it agrees', async () => {
    virtual.ca.control.changeTerms('https://ca.localhost/terms/2');
    const refused = await agent.order([virtual.stage.name()]);
    expect([refused.status, refused.problem, refused.body.instance]).toEqual([
      403,
      'userActionRequired',
      'https://ca.localhost/terms/2',
    ]);
    expect(refused.links).toContain('<https://ca.localhost/terms/2>;rel="terms-of-service"');
    await agent.post(String(agent.kid), { termsOfServiceAgreed: true });
    expect((await agent.order([virtual.stage.name()])).status).toBe(201);
  });

  it('a person may agree at the URL instead', async () => {
    virtual.ca.control.changeTerms('https://ca.localhost/terms/2');
    virtual.ca.control.agreeTerms(String(agent.kid));
    expect((await agent.order([virtual.stage.name()])).status).toBe(201);
  });

  it('a revoked account is refused, a forgotten one does not exist and may register anew', async () => {
    const other = await virtual.stage.member();
    virtual.ca.control.revokeAccount(String(other.kid));
    expect((await other.order([virtual.stage.name()])).problem).toBe('unauthorized');
    virtual.ca.control.forgetAccount(String(agent.kid));
    expect((await agent.order([virtual.stage.name()])).problem).toBe('accountDoesNotExist');
    agent.kid = undefined;
    expect((await agent.register()).status).toBe(201);
  });

  it('forgotten nonces are bad, and so are old ones', async () => {
    const nonce = await agent.nonce();
    virtual.ca.control.forgetNonces();
    expect((await agent.post(String(agent.kid), undefined, { header: { nonce } })).problem).toBe('badNonce');
    const old = await agent.nonce();
    virtual.advance(15 * 60_000);
    expect((await agent.post(String(agent.kid), undefined, { header: { nonce: old } })).problem).toBe('badNonce');
  });

  it('revoked authorizations end the order', async () => {
    const name = virtual.stage.name();
    const { url } = await virtual.stage.ready(agent, [name]);
    virtual.ca.control.revokeAuthorizations(String(agent.kid), name);
    expect((await agent.post(url)).body.status).toBe('invalid');
  });

  it('a window set by hand is told, with explanation and Retry-After, until it is taken back', async () => {
    await virtual.stage.issue([virtual.stage.name()], agent);
    const { certId } = virtual.ca.control.certificates()[0] ?? { certId: '' };
    const ask = async () => agent.ask(`${await agent.url('renewalInfo')}/${certId}`);
    const before = await ask();
    const window = { start: virtual.now(), end: virtual.now() + HOUR };
    virtual.ca.control.setRenewalInfo(certId, {
      window,
      explanationURL: 'https://ca.localhost/why',
      retryAfterSeconds: 60,
    });
    const told = await ask();
    expect(told.body).toEqual({
      suggestedWindow: { start: '2026-12-01T12:00:00Z', end: '2026-12-01T13:00:00Z' },
      explanationURL: 'https://ca.localhost/why',
    });
    expect(told.header('retry-after')).toBe('60');
    virtual.ca.control.setRenewalInfo(certId, { body: 'not JSON' });
    expect((await ask()).text).toBe('not JSON');
    virtual.ca.control.setRenewalInfo(certId, undefined);
    expect((await ask()).body).toEqual(before.body);
  });

  it("a certificate revoked from the CA's side gets a window in the past", async () => {
    await virtual.stage.issue([virtual.stage.name()], agent);
    const { certId } = virtual.ca.control.certificates()[0] ?? { certId: '' };
    virtual.ca.control.revoke(certId, 1);
    expect(virtual.ca.control.certificates()[0]).toMatchObject({ revoked: true, revocationReason: 1 });
    const { suggestedWindow: told } = (await agent.ask(`${await agent.url('renewalInfo')}/${certId}`)).body as {
      suggestedWindow: { end: string };
    };
    expect(Date.parse(told.end)).toBe(virtual.now() - HOUR / 2);
  });

  it('what does not exist is an error that names it', () => {
    expect(() => virtual.ca.control.pause('https://nowhere.test/1', 'a.test')).toThrow('https://nowhere.test/1');
    expect(() => virtual.ca.control.revoke('a.b')).toThrow('a.b');
  });
});

describe('CAA (RFC 8659)', () => {
  beforeEach(() => open({ caaIdentities: ['ca.example.net'] }));
  afterEach(() => virtual.close());

  interface Property {
    readonly tag: 'issue' | 'issuewild' | 'iodef';
    readonly value: string;
    readonly flags?: number;
  }

  /** Proves the name by dns-01 with these CAA properties at it; the problem, or `none`. */
  async function proveWith(properties: readonly Property[], wildcard = false, at?: string): Promise<unknown> {
    const name = virtual.stage.name();
    for (const { tag, value, flags = 0 } of properties) {
      virtual.stage.zone.add({ name: at ?? name, type: 'CAA', ttl: 1, data: { flags, tag, value } });
    }
    const order = await agent.order([wildcard ? `*.${name}` : name]);
    await virtual.stage.proveAll(agent, order);
    const { body } = await virtual.stage.authorization(agent, order);
    const [challenge] = body.challenges as Json[];
    const type = (challenge?.error as Json | undefined)?.type;
    return typeof type === 'string' ? type.split(':').at(-1) : 'none';
  }

  it.each([
    ['nothing', [], 'none'],
    ['this CA', [{ tag: 'issue', value: 'ca.example.net' }], 'none'],
    [
      'this CA among others',
      [
        { tag: 'issue', value: 'other.net' },
        { tag: 'issue', value: 'ca.example.net' },
      ],
      'none',
    ],
    ['another CA', [{ tag: 'issue', value: 'other.net' }], 'caa'],
    ['nobody', [{ tag: 'issue', value: ';' }], 'caa'],
    ['wildcards of others only', [{ tag: 'issuewild', value: 'other.net' }], 'none'],
    ['reports only', [{ tag: 'iodef', value: 'mailto:a@example.test' }], 'none'],
    ['dns-01 (RFC 8657)', [{ tag: 'issue', value: 'ca.example.net; validationmethods=http-01,dns-01' }], 'none'],
    ['another method', [{ tag: 'issue', value: 'ca.example.net; validationmethods=http-01' }], 'caa'],
    [
      'another account',
      [{ tag: 'issue', value: 'ca.example.net; accounturi=https://ca.localhost/acme/acct/1' }],
      'caa',
    ],
  ] as const)('that names %s', async (_what, properties, problem) => {
    expect(await proveWith(properties)).toBe(problem);
  });

  it('that names this account (RFC 8657) lets it issue', async () => {
    expect(await proveWith([{ tag: 'issue', value: `ca.example.net; accounturi=${agent.kid}` }])).toBe('none');
  });

  it.each([
    [
      'issuewild of this CA',
      [
        { tag: 'issue', value: ';' },
        { tag: 'issuewild', value: 'ca.example.net' },
      ],
      'none',
    ],
    [
      'issuewild of another',
      [
        { tag: 'issue', value: 'ca.example.net' },
        { tag: 'issuewild', value: 'other.net' },
      ],
      'caa',
    ],
    ['issue of another', [{ tag: 'issue', value: 'other.net' }], 'caa'],
  ] as const)('for a wildcard goes by %s', async (_what, properties, problem) => {
    expect(await proveWith(properties, true)).toBe(problem);
  });

  it('is looked for up the tree', async () => {
    expect(await proveWith([{ tag: 'issue', value: 'other.net' }], false, 'example.test')).toBe('caa');
  });
});

describe('without a resolver', () => {
  afterEach(() => virtual.close());

  it('validation fails with a DNS problem that says what to do', async () => {
    virtual = await startVirtual();
    const ca = await startCa({ port: false });
    const deaf = Object.assign(virtual.stage.stranger(), { server: { ...ca, inProcess: ca.handle } });
    await deaf.register();
    const order = await deaf.order(['a.example.test']);
    const { url, body } = await virtual.stage.authorization(deaf, order);
    const ended = await virtual.stage.answer(deaf, url, virtual.stage.challenge(body, 'dns-01'));
    const [challenge] = ended.challenges as Json[];
    expect(challenge?.error).toMatchObject({
      type: 'urn:ietf:params:acme:error:dns',
      detail: expect.stringContaining('`resolver`'),
    });
  });
});

describe('profiles', () => {
  beforeEach(() => open());
  afterEach(() => virtual.close());

  it.each([
    ['classic', 90 * DAY, 7 * DAY],
    ['tlsserver', 45 * DAY, 8 * HOUR],
    ['shortlived', 160 * HOUR, 8 * HOUR],
  ])('%s has its lifetime and its order life', async (profile, lifetime, orderLife) => {
    const order = await agent.order([virtual.stage.name()], { profile });
    expect(Date.parse(String(order.body.expires)) - virtual.now()).toBe(orderLife);
    await virtual.stage.issue([virtual.stage.name()], agent, { profile });
    const made = virtual.ca.control.certificates()[0];
    expect((made?.notAfter ?? 0) - (made?.notBefore ?? 0) + 1000).toBe(lifetime);
  });

  it('limit the names', async () => {
    const names = Array.from({ length: 26 }, (_, index) => `n${index}.example.test`);
    expect((await agent.order(names, { profile: 'tlsserver' })).problem).toBe('malformed');
    expect((await agent.order(names)).status).toBe(201);
  });

  it('decide whether an IP address may be ordered, proven by http-01', async () => {
    const identifiers = [{ type: 'ip', value: '127.0.0.1' }];
    const url = await agent.url('newOrder');
    expect((await agent.post(url, { identifiers })).problem).toBe('unsupportedIdentifier');
    const order = await agent.post(url, { identifiers, profile: 'shortlived' });
    const { url: authorizationUrl, body } = await virtual.stage.authorization(agent, order);
    virtual.stage.web.serve('127.0.0.1', (token) => agent.keyAuthorization(token));
    const ended = await virtual.stage.answer(agent, authorizationUrl, virtual.stage.challenge(body, 'http-01'));
    expect(ended.status).toBe('valid');
    const ready = { url: order.header('location') ?? '', body: order.body };
    await virtual.stage.finalize(agent, ready, (await makeCsr({ names: ['127.0.0.1'] })).text);
    const [made] = virtual.ca.control.certificates();
    expect(new X509Certificate(made?.chainPem ?? '').subjectAltName).toBe('IP Address:127.0.0.1');
  });

  it('want an IPv6 address in its canonical form (RFC 8738 section 3)', async () => {
    const order = async (value: string) =>
      agent.post(await agent.url('newOrder'), { identifiers: [{ type: 'ip', value }], profile: 'shortlived' });
    expect((await order('2001:db8:0:0::1')).problem).toBe('malformed');
    expect((await order('2001:db8::1')).status).toBe(201);
  });

  it('an unknown default is refused at the start', async () => {
    await expect(startCa({ port: false, defaultProfile: 'best' })).rejects.toThrow('classic, tlsserver, shortlived');
  });
});

describe('small rules', () => {
  it('the certID is the test vector of RFC 9773 section 4.1', () => {
    const authority = Buffer.from('69885B6B87464041E1B37B847BA0AE2CDE01C8D4', 'hex');
    expect(certIdOf(authority, Buffer.from('0087654321', 'hex'))).toBe('aYhba4dGQEHhs3uEe6CuLN4ByNQ.AIdlQyE');
  });

  it('the window is 2 % of the lifetime about two thirds of it, about half below ten days', () => {
    expect(suggestedWindow({ notBefore: 0, notAfter: 90 * DAY })).toEqual({ start: 59.1 * DAY, end: 60.9 * DAY });
    expect(suggestedWindow({ notBefore: 0, notAfter: 160 * HOUR })).toEqual({ start: 78.4 * HOUR, end: 81.6 * HOUR });
  });

  it.each([
    ['a.b.example.test', 'example.test'],
    ['*.example.test', 'example.test'],
    ['a.b.example.co.uk', 'example.co.uk'],
    ['co.uk', 'co.uk'],
  ])('%s is registered as %s', (value, domain) => {
    expect(registeredDomain({ type: 'dns', value }, ['co.uk'])).toBe(domain);
  });
});
