import type { ResolvedConfig } from '../../infra/config/resolved.ts';
import { HANDLER_NAMES, pascalCase } from '../../infra/handlers.ts';
import type { Definitions } from '../../local/embedded/definitions.ts';
import { synthesiseDefinitions } from '../../local/embedded/definitions.ts';
import { CONFIG, DECLARATION } from '../infra/fixtures.ts';
import type { Ground, Principal } from './permission-case.ts';
import { EXPORT_KEY, LISTENER, resourcesOf } from './permission-resources.ts';
import type { Policy } from './policies.ts';
import { resourcePolicies, rolePolicies } from './policies.ts';

const [CA] = DECLARATION.cas;

/** Everything set that policies depend on. */
const DECLARED: ResolvedConfig = {
  ...CONFIG,
  declarations: [
    {
      ...DECLARATION,
      cas: [{ ...CA, externalAccount: { keyId: 'key-1', secretName: 'eab' } }],
      targets: [
        { id: 'acm', kind: 'acm', probe: 'control-plane' },
        { id: 'cdn', kind: 'acm', region: 'us-east-1', distributions: ['E1A2B3C4D5E6F7'], probe: 'control-plane' },
        { id: 'second', kind: 'acm', region: 'eu-west-3', probe: 'control-plane' },
        { id: 'far', kind: 'acm', role: { roleArn: 'arn:aws:iam::222222222222:role/acm' }, probe: 'control-plane' },
        { id: 'lb', kind: 'load-balancer', listenerArn: LISTENER, as: 'sni', acm: 'acm', probe: 'control-plane' },
        {
          id: 'api',
          kind: 'api-gateway',
          domainName: 'api.shop.test',
          api: 'http',
          acm: 'acm',
          probe: 'control-plane',
        },
        { id: 'china', kind: 'iam-certificate', distributions: ['E7777777777777'], probe: 'control-plane' },
        { id: 'secret', kind: 'secrets-manager', secretName: 'export', kmsKeyArn: EXPORT_KEY, probe: 'control-plane' },
        { id: 'bucket', kind: 's3', bucket: 'export', prefix: 'shop/', kmsKeyArn: EXPORT_KEY, probe: 'control-plane' },
        {
          id: 'hook',
          kind: 'webhook',
          url: 'https://hook.test/',
          secretName: 'hook',
          includeKey: false,
          probe: 'control-plane',
        },
      ],
    },
  ],
  dns: {
    ...CONFIG.dns,
    zones: [
      { name: 'shop.test', zoneId: 'Z0DECLARED' },
      { name: 'far.test', zoneId: 'Z0FAR', role: { roleArn: 'arn:aws:iam::222222222222:role/zones', externalId: 'x' } },
    ],
    delegations: ['*.validation.shop.test'],
  },
};

/** The trust policy of a role in another account, so that only this account's own policies decide. */
const TRUSTING: Policy = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { AWS: 'arn:aws:iam::123456789012:root' }, Action: 'sts:AssumeRole' }],
};

/** The policy of a key of the user's own that leaves the rest to this account's policies. */
const ADMITTING: Policy = {
  Version: '2012-10-17',
  Statement: [
    { Effect: 'Allow', Principal: { AWS: 'arn:aws:iam::123456789012:root' }, Action: 'kms:*', Resource: '*' },
  ],
};

/** A synthesised stack whose policies are judged. */
export type JudgedAccount = {
  readonly policyOf: (principal: Principal) => { readonly roleArn: string; readonly policy: Policy };
  /** The policy of a resource, where it has one, by ARN. */
  readonly resourcePolicyOf: (arn: string) => Policy | undefined;
  readonly resources: Readonly<Record<string, string>>;
};

/** One stack a ground. */
export const ACCOUNTS: Readonly<Record<Ground, JudgedAccount>> = {
  'declared zones': judge(synthesiseDefinitions(DECLARED)),
  'any zone': judge(synthesiseDefinitions(CONFIG)),
};

function judge(definitions: Definitions): JudgedAccount {
  const roles = rolePolicies(definitions);
  const resources = { ...resourcesOf(definitions), ...lambdaResources(definitions) };
  const ofResources = resourcePolicies(definitions);
  return {
    resources,
    policyOf: (principal) => {
      const prefix = scheduleRole(principal, definitions) ?? roleOf(principal);
      const [found, ...others] = [...roles].filter(([role]) => role.startsWith(prefix));
      if (found === undefined || others.length > 0) throw new Error(`not one role of ${principal}`);
      return { roleArn: `arn:aws:iam::123456789012:role/${found[0]}`, policy: found[1] };
    },
    resourcePolicyOf: (arn) => {
      if (/:iam::\d+:role\//.test(arn)) return TRUSTING;
      if (arn === EXPORT_KEY) return ADMITTING;
      return [...ofResources].find(([id]) => arn.endsWith(`/${id}`))?.[1];
    },
  };
}

/** The role that a schedule starts its target by; CDK names it by a hash of the target. */
function scheduleRole(principal: Principal, { resources }: Definitions): string | undefined {
  const prefix = { schedule: 'PerennialSchedule', 'watch schedule': 'PerennialWatchSchedule' }[String(principal)];
  if (prefix === undefined) return undefined;
  const [, schedule] = Object.entries(resources).find(
    ([id, { Type }]) => Type === 'AWS::Scheduler::Schedule' && id.startsWith(prefix),
  ) ?? ['', undefined];
  const target = schedule?.Properties.Target as { readonly RoleArn: { readonly 'Fn::GetAtt': readonly string[] } };
  return target.RoleArn['Fn::GetAtt'][0];
}

/** Beginning of the logical id of a principal's role. */
export function roleOf(principal: Principal): string {
  const machine = /^(\w+) machine$/.exec(principal)?.[1];
  return machine === undefined
    ? `Perennial${pascalCase(principal)}Role`
    : `Perennial${pascalCase(machine)}MachineStateMachineRole`;
}

function lambdaResources({ functions, resources }: Definitions): Readonly<Record<string, string>> {
  return Object.fromEntries(
    HANDLER_NAMES.flatMap((handler) => {
      const arn = functions[handler].versionArn.replace(/:1$/, '');
      const logs = Object.keys(resources).find((id) => id.startsWith(`Perennial${pascalCase(handler)}Logs`));
      return [
        [`${handler} function`, arn],
        [`${handler} version`, `${arn}:1`],
        [`earlier ${handler} version`, `${arn}:7`],
        [`${handler} logs`, `arn:aws:logs:us-east-1:123456789012:log-group:${logs}:log-stream:one`],
      ];
    }),
  );
}
