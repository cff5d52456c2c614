import { describe, expect, it } from 'vitest';
import type { DnsSettings } from '../../infra/config/resolved.ts';
import { HANDLER_NAMES, pascalCase } from '../../infra/handlers.ts';
import { type Definitions, synthesiseDefinitions } from '../../local/embedded/definitions.ts';
import { CONFIG, DECLARATION } from './fixtures.ts';
import { type Statement, statementsOf } from './template.ts';

const OWN = { name: 'shop.test', zoneId: 'Z1OWN' };
const FOREIGN = {
  name: 'elsewhere.test',
  zoneId: 'Z2FOREIGN',
  role: { roleArn: 'arn:aws:iam::210987654321:role/dns', externalId: 'perennial-42' },
};
const ZONE_ARN = 'arn:aws:route53:::hostedzone/';
const DNS_STEPS = ['create-order', 'poll-order', 'finalize-order', 'record-failure', 'settle'];

function stackWith(dns: DnsSettings, domains: readonly string[] = ['shop.test']): Definitions {
  return synthesiseDefinitions({ ...CONFIG, declarations: [{ ...DECLARATION, domains }], dns });
}

function statements(stack: Definitions, handler: string, service: string): readonly Statement[] {
  return statementsOf(`Perennial${pascalCase(handler)}Role`, stack).filter(({ Action }) =>
    Action.some((action) => action.startsWith(`${service}:`)),
  );
}

function zonesOf(stack: Definitions, handler = 'create-order'): readonly string[] {
  return statements(stack, handler, 'route53').flatMap(({ Resource }) => Resource);
}

describe('Declared zones that hold every challenge', () => {
  const stack = stackWith({ zones: [OWN, FOREIGN] }, ['*.shop.test', 'www.elsewhere.test']);

  it('are all that Route 53 is asked about in this account, and only those of this account', () => {
    expect(new Set(zonesOf(stack))).toEqual(new Set([`${ZONE_ARN}${OWN.zoneId}`]));
    const actions = statements(stack, 'create-order', 'route53').flatMap(({ Action }) => Action);
    expect([...actions].sort()).toEqual(['route53:ChangeResourceRecordSets', 'route53:ListResourceRecordSets']);
  });

  it.each(HANDLER_NAMES)('%s assumes their roles if it works in DNS, and no other', (handler) => {
    const assumed = statements(stack, handler, 'sts').map(({ Action, Resource }) => [...Action, ...Resource]);
    const isDns = DNS_STEPS.includes(handler);
    expect(assumed).toEqual(isDns ? [['sts:AssumeRole', FOREIGN.role.roleArn]] : []);
  });

  it('are told to the Lambdas that work in DNS', () => {
    const { environment } = stack.functions['record-failure'];
    expect(JSON.parse(environment.DNS_ZONES ?? '')).toEqual({ zones: [OWN, FOREIGN], only: true });
    expect(stack.functions['push-target'].environment).not.toHaveProperty('DNS_ZONES');
  });

  it('that are all in other accounts leave this account no permission in Route 53', () => {
    const elsewhere = stackWith({ zones: [FOREIGN] }, ['elsewhere.test']);
    for (const handler of DNS_STEPS) expect(zonesOf(elsewhere, handler)).toEqual([]);
  });

  it('may be the zone of a challenge alone', () => {
    const delegated = stackWith({ zones: [{ name: '_acme-challenge.shop.test', zoneId: 'Z3' }] });
    expect(new Set(zonesOf(delegated))).toEqual(new Set([`${ZONE_ARN}Z3`]));
  });
});

describe('Zones that are declared for some challenges only', () => {
  it.each([
    ['a name beside them', stackWith({ zones: [OWN] }, ['shop.test', 'other.test'])],
    ['a delegation beside them', stackWith({ zones: [OWN], delegations: ['*.acme.other.test'] })],
    ['none at all', stackWith({})],
  ])('leave all zones of the account to be found, because of %s', (_, stack) => {
    expect(zonesOf(stack)).toContain(`${ZONE_ARN}*`);
    expect(zonesOf(stack)).toContain('*');
  });
});

describe('Names that challenges are delegated to', () => {
  it('are allowed beside _acme-challenge, in the condition on names', () => {
    const stack = stackWith({ zones: [OWN], delegations: ['*.acme.shop.test', 'one.shop.test'] });
    const [change] = statements(stack, 'settle', 'route53').filter(({ Condition }) => Condition !== undefined);
    expect(change?.Resource).toEqual([`${ZONE_ARN}${OWN.zoneId}`]);
    expect(change?.Condition?.['ForAllValues:StringLike']).toEqual({
      'route53:ChangeResourceRecordSetsNormalizedRecordNames': [
        '_acme-challenge.*',
        '*.acme.shop.test',
        'one.shop.test',
      ],
    });
  });
});
