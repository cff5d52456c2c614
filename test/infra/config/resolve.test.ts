import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { LETSENCRYPT_LIMITS } from '../../../infra/config/limit-presets.ts';
import { ConfigError } from '../../../infra/config/problems.ts';
import { resolveConfig } from '../../../infra/config/resolve.ts';
import type { ResolvedConfig } from '../../../infra/config/resolved.ts';
import { DEFAULT_RETRY } from '../../../lambdas/core/retry-policy.ts';

const CERTIFICATE = { name: 'shop', domains: ['shop.example'], cas: ['letsencrypt'] };

type Changes = Readonly<Record<string, unknown>>;

/** A configuration of one certificate with changes to either. */
function configOf(certificate: Changes = {}, settings: Changes = {}): unknown {
  return { certificates: [{ ...CERTIFICATE, ...certificate }], alerts: 'none', ...settings };
}

function resolved(certificate: Changes = {}, settings: Changes = {}): ResolvedConfig {
  return resolveConfig(configOf(certificate, settings));
}

/** The message of the refusal, without its head. */
function refusal(config: unknown): string {
  try {
    resolveConfig(config);
  } catch (error) {
    if (error instanceof ConfigError) return error.message.replace(/^.*:\n/, '');
    throw error;
  }
  throw new Error('The configuration was not refused');
}

describe('A configuration that says as little as possible', () => {
  it('gets every default', () => {
    expect(resolved()).toEqual({
      declarations: [
        {
          name: 'shop',
          domains: ['shop.example'],
          keyType: 'ecdsa-p256',
          cas: [
            {
              name: 'letsencrypt',
              directoryUrl: 'https://acme-v02.api.letsencrypt.org/directory',
              environment: 'production',
              accountLabel: 'default',
              contact: [],
              limits: LETSENCRYPT_LIMITS,
            },
          ],
          registeredDomains: ['shop.example'],
          targets: [{ id: 'acm', kind: 'acm', probe: { host: 'shop.example', port: 443, servername: 'shop.example' } }],
          renewal: {},
          retry: DEFAULT_RETRY,
        },
      ],
      checkIntervalSeconds: 900,
      dns: {},
      alerts: { email: [], https: [], sqs: [] },
    });
  });
});

describe('A configuration that says everything', () => {
  it('is taken as it is', () => {
    const retry = { baseSeconds: 30, factor: 2, ceilingSeconds: 600, jitter: 0, fastAttempts: 5 };
    const probe = { host: '127.0.0.1', port: 8443, servername: 'a.shop.example' };
    const { declarations, ...settings } = resolved(
      {
        domains: ['*.shop.example'],
        cas: [{ name: 'own', profile: 'six-day' }, 'other'],
        profile: 'classic',
        keyType: 'rsa-4096',
        targets: [
          { kind: 'acm', id: 'edge', region: 'us-east-1', probe },
          { kind: 'acm', region: 'eu-west-1', probe: 'control-plane' },
        ],
        renewal: { remainingShare: 0.5 },
        retry,
      },
      {
        cas: {
          own: { directoryUrl: 'https://ca.example/dir', environment: 'staging', accountLabel: 'team-a' },
          other: { directoryUrl: 'https://other.example/dir', environment: 'staging' },
        },
        contact: ['operations@shop.example'],
        dns: { nameServers: { 'ns1.example': '10.0.0.1' }, resolvers: ['10.0.0.2', '[fd00::2]:5353', 'fd00::3'] },
        alerts: { email: ['a@shop.example'], sqs: ['arn:aws:sqs:us-east-1:123456789012:alerts'] },
        checkInterval: 3600,
      },
    );
    expect(declarations[0]).toMatchObject({
      keyType: 'rsa-4096',
      cas: [
        { name: 'own', profile: 'six-day', accountLabel: 'team-a', contact: ['mailto:operations@shop.example'] },
        { name: 'other', profile: 'classic', accountLabel: 'default' },
      ],
      targets: [
        { id: 'edge', kind: 'acm', region: 'us-east-1', probe },
        { id: 'acm-eu-west-1', kind: 'acm', region: 'eu-west-1', probe: 'control-plane' },
      ],
      renewal: { remainingShare: 0.5 },
      retry,
    });
    expect(settings).toEqual({
      checkIntervalSeconds: 3600,
      dns: {
        nameServers: { 'ns1.example': '10.0.0.1' },
        resolvers: ['10.0.0.2:53', '[fd00::2]:5353', '[fd00::3]:53'],
      },
      alerts: { email: ['a@shop.example'], https: [], sqs: ['arn:aws:sqs:us-east-1:123456789012:alerts'] },
    });
  });
});

describe('Names', () => {
  it('become lower-case A-labels without a trailing dot, sorted [D8]', () => {
    const { declarations } = resolved({ domains: ['WWW.Bücher.example.', '*.straße.example'] });
    expect(declarations[0]?.domains).toEqual(['*.xn--strae-oqa.example', 'www.xn--bcher-kva.example']);
  });

  it('decide the probe: the first one written that is no wildcard', () => {
    const { declarations } = resolved({ domains: ['*.shop.example', 'z.example', 'a.example'] });
    expect(declarations[0]?.targets[0]?.probe).toEqual({ host: 'z.example', port: 443, servername: 'z.example' });
  });

  it.each([
    ['shop', 'write a full name with at least two labels'],
    ['*.example', 'put at least two labels after the wildcard'],
    ['a.*.example', 'write one wildcard at most, as the whole first label: *.example.com'],
    ['*a.shop.example', 'write one wildcard at most'],
    ['*.*.shop.example', 'write one wildcard at most'],
    ['192.0.2.1', 'write a DNS name; IP addresses cannot be validated by DNS'],
    ['2001:db8::1', 'write a DNS name; IP addresses cannot be validated by DNS'],
    ['https://shop.example', 'write a bare DNS name, without scheme, port or path'],
    ['shop.example:443', 'write a bare DNS name'],
    ['a_b.shop.example', 'write letters, digits and hyphens'],
    ['-a.shop.example', 'write letters, digits and hyphens'],
    [`${'a'.repeat(64)}.example`, 'write letters, digits and hyphens'],
    ['a..example', 'write letters, digits and hyphens'],
    ['', 'write letters, digits and hyphens'],
    [`${'a.'.repeat(116)}example`, '_acme-challenge fits before it'],
  ])('refuses %j', (name, remedy) => {
    expect(refusal(configOf({ domains: ['other.example', name] }))).toContain('certificates[0].domains[1] is ');
    expect(refusal(configOf({ domains: ['other.example', name] }))).toContain(remedy);
  });

  it('may be as long as _acme-challenge before it allows', () => {
    expect(resolved({ domains: [`${'a.'.repeat(115)}example`] }).declarations).toHaveLength(1);
  });

  it('that were refused are not missed again by the probe', () => {
    expect(refusal(configOf({ domains: ['a_b.example'] })).split('\n')).toHaveLength(1);
  });

  it('refuses the same name twice, however it is written', () => {
    expect(refusal(configOf({ domains: ['bücher.example', 'XN--BCHER-KVA.example'] }))).toBe(
      '- certificates[0].domains[1] is "XN--BCHER-KVA.example": remove it, the name is there already.',
    );
  });

  it('refuses a name beside a wildcard that covers it, but not the apex', () => {
    expect(refusal(configOf({ domains: ['*.shop.example', 'www.shop.example'] }))).toContain(
      'remove www.shop.example, which *.shop.example covers',
    );
    expect(resolved({ domains: ['*.shop.example', 'shop.example', 'a.b.shop.example'] }).declarations).toHaveLength(1);
  });

  it('refuses more than 100 names, and more than 25 where the profile takes no more [D7]', () => {
    const domains = (count: number): string[] => Array.from({ length: count }, (_, at) => `n${at}.shop.example`);
    expect(resolved({ domains: domains(100) }).declarations[0]?.domains).toHaveLength(100);
    expect(refusal(configOf({ domains: domains(101) }))).toContain('is "101 names": split them');
    for (const profile of ['tlsserver', 'shortlived']) {
      expect(resolved({ domains: domains(25), profile }).declarations).toHaveLength(1);
      expect(refusal(configOf({ domains: domains(26), profile }))).toContain('at most 25');
    }
  });
});

describe('Certificates', () => {
  it.each([
    [{ name: 'My Shop' }, 'certificates[0].name is "My Shop": write up to 64 of a-z'],
    [{ name: undefined }, 'certificates[0].name is missing: write up to 64 of a-z'],
    [{ domains: [] }, 'certificates[0].domains is []: name at least one domain'],
    [{ domains: 'shop.example' }, 'certificates[0].domains is "shop.example": write a list of DNS names'],
    [{ cas: [] }, 'certificates[0].cas is []: name at least one CA'],
    [
      { cas: ['buypass'] },
      'certificates[0].cas[0] is "buypass": write one of letsencrypt, letsencrypt-staging, zerossl',
    ],
    [
      { cas: ['zerossl'] },
      `certificates[0].cas[0] is "zerossl": add cas: { 'zerossl': { externalAccount: { keyId, secretName } } }`,
    ],
    [{ cas: ['letsencrypt', 'letsencrypt'] }, 'certificates[0].cas[1] is "letsencrypt": name each CA once'],
    [
      { cas: ['letsencrypt', 'letsencrypt-staging'] },
      'certificates[0].cas[1] is "letsencrypt-staging": keep to production CAs, as letsencrypt is',
    ],
    [
      { keyType: 'ecdsa-p521' },
      'certificates[0].keyType is "ecdsa-p521": write one of ecdsa-p256, ecdsa-p384, rsa-2048',
    ],
    [{ keytype: 'rsa-2048' }, 'certificates[0].keytype is "rsa-2048": remove it, there is no such field'],
    [{ profile: '' }, 'certificates[0].profile is "": write the name of a profile'],
    [{ profileRequired: 'yes' }, 'certificates[0].profileRequired is "yes": write true or false'],
    [
      { profileRequired: true },
      'certificates[0].cas[0] is "letsencrypt": name the profile that is required, or leave profileRequired out',
    ],
    [
      { cas: [{ name: 'letsencrypt', profileRequired: 'yes', profile: 'shortlived' }] },
      'write the name of a CA, or { name, profile, profileRequired }',
    ],
    [{ targets: [] }, 'certificates[0].targets is []: name at least one target'],
    [
      { targets: [{ kind: 'ftp' }] },
      `certificates[0].targets[0].kind is "ftp": write { kind: 'acm' }, or another of the kinds acm, load-balancer`,
    ],
    [
      { targets: [{ kind: 'acm', region: 'Ireland' }] },
      'certificates[0].targets[0].region is "Ireland": write an AWS region',
    ],
    [{ targets: [{ kind: 'acm' }, { kind: 'acm', id: 'b' }] }, 'remove it, the same place is a target already'],
    [
      {
        targets: [
          { kind: 'acm', id: 'a' },
          { kind: 'acm', region: 'us-east-1', id: 'a' },
        ],
      },
      'certificates[0].targets[1].id is "a": give each target of a certificate an id of its own',
    ],
    [
      { targets: [{ kind: 'acm', region: 'eu-west-3', distributions: ['E1A2B3C4D5E6F7'] }] },
      `certificates[0].targets[0].region is "eu-west-3": write 'us-east-1', the only region whose certificates CloudFront`,
    ],
    [
      { keyType: 'ecdsa-p384', targets: [{ kind: 'acm', distributions: ['E1A2B3C4D5E6F7'] }] },
      'certificates[0].keyType is "ecdsa-p384": write one of ecdsa-p256, rsa-2048, rsa-3072, rsa-4096, acm takes no other',
    ],
    [
      { targets: [{ kind: 'acm', distributions: ['d1.cloudfront.net'] }] },
      'certificates[0].targets[0].distributions[0] is "d1.cloudfront.net": write the id of a CloudFront distribution',
    ],
    [
      { domains: ['*.shop.example'] },
      `certificates[0].targets[0].probe is missing: write the host to look at, or 'control-plane'`,
    ],
    [
      { targets: [{ kind: 'acm', probe: { host: '127.0.0.1' } }] },
      'certificates[0].targets[0].probe.servername is "127.0.0.1": write one of the names of the certificate',
    ],
    [
      { targets: [{ kind: 'acm', probe: 'never' }] },
      'certificates[0].targets[0].probe is "never": write { host, port, servername }',
    ],
    [{ renewal: { remainingShare: 2 } }, 'certificates[0].renewal.remainingShare is 2: write a share from 0.1 to 0.9'],
    [{ retry: { fastAttempts: 1.5 } }, 'certificates[0].retry.fastAttempts is 1.5: write a whole number from 0 to 20'],
    [
      { retry: { baseSeconds: 600, ceilingSeconds: 60 } },
      'certificates[0].retry.ceilingSeconds is 60: write at least baseSeconds, 600',
    ],
  ])('refuses %j', (changes, sentence) => {
    expect(refusal(configOf(changes))).toContain(sentence);
  });

  it('refuses two of one name', () => {
    expect(refusal({ certificates: [CERTIFICATE, CERTIFICATE], alerts: 'none' })).toBe(
      '- certificates[1].name is "shop": give each certificate a name of its own.',
    );
  });

  it('takes two of the same names and targets: they share a slot, not a certificate', () => {
    const other = { ...CERTIFICATE, name: 'other' };
    expect(resolveConfig({ certificates: [CERTIFICATE, other], alerts: 'none' }).declarations).toHaveLength(2);
  });
});

describe('CAs', () => {
  const own = (changes: Changes): Changes => ({
    cas: { own: { directoryUrl: 'https://ca.example/dir', environment: 'production', ...changes } },
  });

  it.each([
    [
      { directoryUrl: 'http://ca.example/dir' },
      'cas.own.directoryUrl is "http://ca.example/dir": write the https:// URL',
    ],
    [{ environment: 'test' }, `cas.own.environment is "test": write 'production' or 'staging'`],
    [{ rootsPem: 'ca.pem' }, 'cas.own.rootsPem is "ca.pem": write PEM certificates, one or more'],
    [{ issuerRootsPem: '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----' }, 'cas.own.issuerRootsPem is '],
    [{ otherHosts: 'api.ca.example' }, 'cas.own.otherHosts is "api.ca.example": write a list of hosts'],
    [
      { otherHosts: ['https://api.ca.example'] },
      'cas.own.otherHosts[0] is "https://api.ca.example": write host or host:port',
    ],
    [{ url: 'x' }, 'cas.own.url is "x": remove it, there is no such field'],
  ])('refuses %j', (changes, sentence) => {
    expect(refusal(configOf({ cas: ['own'] }, own(changes)))).toContain(sentence);
  });

  it('keeps the other hosts that its URLs may be on', () => {
    const otherHosts = ['api.ca.example', 'orders.ca.example:8443'];
    const { declarations } = resolved({ cas: ['own'] }, own({ otherHosts }));
    expect(declarations[0]?.cas[0]).toMatchObject({ name: 'own', otherHosts });
  });

  it('has the profile of its certificate, required or not, unless it is given one of its own', () => {
    const profiles = { profile: 'classic', profileRequired: true };
    const use = { name: 'own', profile: 'shortlived', profileRequired: false };
    const { declarations } = resolved({ cas: ['letsencrypt', use], ...profiles }, own({}));
    expect(declarations[0]?.cas).toMatchObject([profiles, use]);
  });

  it('tells a refused CA once, not again at each certificate that names it', () => {
    expect(refusal(configOf({ cas: ['own'] }, own({ environment: 'test' }))).split('\n')).toHaveLength(1);
  });

  it('leaves a preset its directory', () => {
    const cas = { letsencrypt: { directoryUrl: 'https://ca.example/dir', environment: 'production' } };
    expect(refusal(configOf({}, { cas }))).toContain(
      'cas.letsencrypt.directoryUrl is "https://ca.example/dir": remove it, there is no such field',
    );
  });

  const externalAccount = { keyId: 'kid-1', secretName: 'perennial/zerossl' };

  it.each(['zerossl', 'google', 'sslcom-ecc'])(
    'binds the account at %s, which is built in, to an external one',
    (name) => {
      const { declarations } = resolved({ cas: [name] }, { cas: { [name]: { externalAccount } } });
      expect(declarations[0]?.cas[0]).toMatchObject({ name, environment: 'production', externalAccount });
    },
  );

  it('binds the account at a CA of its own', () => {
    const own = { directoryUrl: 'https://ca.example/dir', environment: 'production', externalAccount };
    const { declarations } = resolved({ cas: ['own'] }, { cas: { own } });
    expect(declarations[0]?.cas[0]).toMatchObject({ name: 'own', externalAccount });
  });

  it.each([
    [{ keyId: '', secretName: 'a' }, 'cas.zerossl.externalAccount.keyId is "": write the id of the key'],
    [{ keyId: 'a', secretName: 'a b' }, 'externalAccount.secretName is "a b": write the name of a secret'],
    [{ keyId: 'a', secret: 'b' }, 'externalAccount.secret is "b": remove it, there is no such field'],
  ])('refuses the external account %j', (wrong, message) => {
    expect(refusal(configOf({}, { cas: { zerossl: { externalAccount: wrong } } }))).toContain(message);
  });

  it('is refused a kind of key that its directory does not certify', () => {
    const cas = { 'sslcom-ecc': { externalAccount } };
    expect(refusal(configOf({ cas: ['sslcom-ecc'], keyType: 'rsa-2048' }, { cas }))).toContain(
      'it certifies ecdsa keys only, not rsa-2048',
    );
  });
});

describe('Zones and delegations', () => {
  const zone = { name: 'Shop.Example.', hostedZoneId: 'Z0123456789ABC' };
  const roleArn = 'arn:aws-us-gov:iam::123456789012:role/team/dns';

  it('are taken as names are compared, with the role through which another account is reached', () => {
    const { dns } = resolved(
      {},
      {
        dns: {
          zones: [zone, { ...zone, name: '_acme-challenge.bücher.example', roleArn, externalId: 'a-1' }],
          delegations: ['*.ACME.example.net.', 'one.acme.example', '*.acme.example.net'],
        },
      },
    );
    expect(dns).toEqual({
      zones: [
        { name: 'shop.example', zoneId: zone.hostedZoneId },
        {
          name: '_acme-challenge.xn--bcher-kva.example',
          zoneId: zone.hostedZoneId,
          role: { roleArn, externalId: 'a-1' },
        },
      ],
      delegations: ['*.acme.example.net', 'one.acme.example'],
    });
  });

  it.each([
    [{ zones: [{ name: 'shop.example' }] }, 'dns.zones[0].hostedZoneId is missing: write the id of the hosted zone'],
    [{ zones: [{ ...zone, hostedZoneId: '/hostedzone/Z1' }] }, 'hostedZoneId is "/hostedzone/Z1": write the id'],
    [{ zones: [{ ...zone, name: 'shop example' }] }, 'dns.zones[0].name is "shop example": write the name of a hosted'],
    [{ zones: [{ ...zone, name: '*.shop.example' }] }, 'dns.zones[0].name is "*.shop.example": write the name'],
    [{ zones: [zone, { ...zone, hostedZoneId: 'Z2' }] }, 'dns.zones[1].name is "shop.example": name each zone once'],
    [{ zones: [{ ...zone, roleArn: 'arn:aws:iam::1:user/me' }] }, 'dns.zones[0].roleArn is "arn:aws:iam::1:user/me"'],
    [{ zones: [{ ...zone, externalId: 'a-1' }] }, 'dns.zones[0].externalId is "a-1": add the roleArn'],
    [{ delegations: ['*'] }, 'dns.delegations[0] is "*": write a name of two labels or more'],
    [{ delegations: ['*.net'] }, 'dns.delegations[0] is "*.net"'],
    [{ delegations: ['a.*.example.net'] }, 'dns.delegations[0] is "a.*.example.net"'],
  ])('refuses %j', (dns, message) => {
    expect(refusal(configOf({}, { dns }))).toContain(message);
  });
});

describe('More zones than the environment of a Lambda holds', () => {
  it('are refused', () => {
    const zones = Array.from({ length: 60 }, (_, at) => ({
      name: `zone-${at}.example`,
      hostedZoneId: 'Z0123456789ABC',
    }));
    expect(refusal(configOf({}, { dns: { zones } }))).toMatch(
      /^- dns\.zones is "60 zones of \d+ bytes": declare fewer/,
    );
  });
});

describe('The retry policy of all certificates', () => {
  it('is what each one changes for itself', () => {
    const { declarations } = resolveConfig({
      certificates: [
        { ...CERTIFICATE, retry: { fastAttempts: 1 } },
        { ...CERTIFICATE, name: 'blog' },
      ],
      alerts: 'none',
      retry: { baseSeconds: 120, fastAttempts: 5 },
    });
    expect(declarations.map(({ retry }) => retry)).toEqual([
      { ...DEFAULT_RETRY, baseSeconds: 120, fastAttempts: 1 },
      { ...DEFAULT_RETRY, baseSeconds: 120, fastAttempts: 5 },
    ]);
  });

  it('is judged once, where it stands', () => {
    const message = refusal(configOf({}, { retry: { baseSeconds: 600, ceilingSeconds: 60 } }));
    expect(message).toBe('- retry.ceilingSeconds is 60: write at least baseSeconds, 600.');
  });

  it('is judged again where a certificate changes it', () => {
    const message = refusal(configOf({ retry: { ceilingSeconds: 60 } }, { retry: { baseSeconds: 600 } }));
    expect(message).toContain('certificates[0].retry.ceilingSeconds is 60: write at least baseSeconds, 600');
  });
});

describe('Settings', () => {
  it.each([
    [{ alerts: undefined }, `alerts is missing: write { email: ['you@your.domain'] }`],
    [{ alerts: {} }, `alerts is {}: write { email: ['you@your.domain'] }`],
    [{ alerts: { email: ['nobody'] } }, 'alerts.email[0] is "nobody": write an e-mail address'],
    [{ contact: ['mailto:a@b.example, c'] }, 'contact[0] is "mailto:a@b.example, c": write an e-mail address'],
    [{ dns: { resolvers: ['dns.example'] } }, 'dns.resolvers[0] is "dns.example": write an IP address'],
    [{ dns: { resolvers: ['10.0.0.1:70000'] } }, 'dns.resolvers[0] is "10.0.0.1:70000": write an IP address'],
    [{ dns: { nameServers: { '*': 'ns1' } } }, 'dns.nameServers.* is "ns1": write an IP address'],
    [{ checkinterval: 900 }, 'checkinterval is 900: remove it, there is no such field'],
    [{ certificates: 'all' }, 'certificates is "all": write a list of certificates'],
  ])('refuses %j', (changes, sentence) => {
    expect(refusal(configOf({}, changes))).toContain(sentence);
  });

  it.each([
    ['5 minutes', 300],
    ['1 hour', 3600],
    ['6 hours', 21_600],
    [600, 600],
  ])('sweeps every %j', (checkInterval, seconds) => {
    expect(resolved({}, { checkInterval }).checkIntervalSeconds).toBe(seconds);
  });

  it.each(['4 minutes', '7 hours', '15 parsecs', 'PT15M', 310, -300, 0])(
    'refuses to sweep every %j',
    (checkInterval) => {
      expect(refusal(configOf({}, { checkInterval }))).toContain(
        `checkInterval is ${JSON.stringify(checkInterval)}: write whole minutes from '5 minutes' to '6 hours'`,
      );
    },
  );

  it('sweeps at least hourly where certificates live for days only', () => {
    expect(resolved({ profile: 'shortlived' }, { checkInterval: '1 hour' }).checkIntervalSeconds).toBe(3600);
    expect(refusal(configOf({ profile: 'shortlived' }, { checkInterval: '2 hours' }))).toContain(
      "from '5 minutes' to '1 hour', or their seconds, because the certificates of shop live for days only",
    );
  });
});

describe('A region for the second watch', () => {
  const told = { alerts: { email: ['ops@your.domain'] } };

  it('is taken as it is written, and there is none where none is written', () => {
    expect(resolved({}, { ...told, watchRegion: 'eu-central-1' }).watchRegion).toBe('eu-central-1');
    expect(resolved({}, told)).not.toHaveProperty('watchRegion');
  });

  it('is refused where it is none, and where the second watch would have nobody to tell', () => {
    expect(refusal(configOf({}, { ...told, watchRegion: 'Frankfurt' }))).toContain(
      'watchRegion is "Frankfurt": write an AWS region such as us-east-1',
    );
    const channels = { chat: { type: 'slack', secret: 'perennial/slack' } };
    for (const alerts of ['none', { channels }])
      expect(refusal(configOf({}, { alerts, watchRegion: 'eu-central-1' }))).toContain(
        'watchRegion is "eu-central-1": write somebody into alerts.email, https or sqs',
      );
  });
});

describe('A configuration with many problems', () => {
  it('is told all of them at once, each with path, value and remedy', () => {
    const config = {
      certificates: [
        { name: 'a', domains: ['a_b.example'], cas: ['letsencrypt'] },
        { name: 'B', domains: [], cas: ['letsencrypt'] },
        { name: 'c', domains: ['c.example'], cas: ['nobody'] },
      ],
      checkInterval: '1 minute',
      alerts: {},
    };
    try {
      resolveConfig(config);
      expect.unreachable();
    } catch (error) {
      const { message, problems } = error as ConfigError;
      expect(problems.map(({ path }) => path).sort()).toEqual([
        'alerts',
        'certificates[0].domains[0]',
        'certificates[1].domains',
        'certificates[1].name',
        'certificates[2].cas[0]',
        'checkInterval',
      ]);
      expect(message).toMatch(/^The configuration has 6 problems:\n(- .+\.\n){5}- .+\.$/);
    }
  });

  it('shows no more of a long value than tells which it is', () => {
    const [line] = refusal(configOf({ name: 'x'.repeat(5000) })).split('\n');
    expect(line?.length).toBeLessThan(220);
  });

  it.each([undefined, null, 7, 'all', []])('which is %j instead is told what to write', (config) => {
    expect(refusal(config)).toContain('write an object with certificates and alerts');
  });
});

describe('docs/configuration.md', () => {
  const text = readFileSync(new URL('../../../docs/configuration.md', import.meta.url), 'utf8');

  it('shows an example that is a valid configuration', async () => {
    const [, example = ''] = /```ts\n([\s\S]+?)```/.exec(text) ?? [];
    const body = example.replace(/^import .*$/gm, '').replace('export default defineConfig(', 'return (');
    const config: unknown = new Function(body)();
    expect(resolveConfig(config).declarations.length).toBeGreaterThan(0);
  });

  it.each([
    'certificates',
    'name',
    'domains',
    'cas',
    'keyType',
    'profile',
    'targets',
    'renewal',
    'retry',
    'probe',
    'acmImportQuota',
    'watchRegion',
    'directoryUrl',
    'environment',
    'accountLabel',
    'externalAccount',
    'rootsPem',
    'issuerRootsPem',
    'contact',
    'dns',
    'nameServers',
    'zones',
    'delegations',
    'hostedZoneId',
    'roleArn',
    'externalId',
    'resolvers',
    'alerts',
    'checkInterval',
    'remainingShare',
    'baseSeconds',
    'factor',
    'ceilingSeconds',
    'jitter',
    'fastAttempts',
  ])('explains %s', (field) => {
    expect(text).toContain(`\`${field}\``);
  });
});
