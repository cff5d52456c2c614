import { z } from 'zod';
import type { LoadBalancerTarget } from '../../lambdas/core/target-declaration.ts';
import { matching } from '../config/fields.ts';
import { grant } from '../grant.ts';
import { describeTarget } from './descriptor.ts';
import { COMMON, ROLE } from './fields.ts';
import { placeOf } from './place.ts';

/** A listener of an Application or Network Load Balancer. */
export const LOAD_BALANCER = describeTarget<LoadBalancerTarget>()({
  kind: 'load-balancer',
  summary: 'A listener of an Application or Network Load Balancer, to which the ARN of an ACM target is bound.',
  schema: z.strictObject({
    kind: z.literal('load-balancer'),
    ...COMMON,
    ...ROLE,
    listenerArn: matching(
      /^arn:aws[a-z-]*:elasticloadbalancing:[a-z0-9-]+:\d{12}:listener\/(app|net)\/[\w-]+\/[0-9a-f]+\/[0-9a-f]+$/,
      'write the ARN of a listener of an Application or Network Load Balancer',
    ),
    as: z.enum(['default', 'sni'], "write 'default' or 'sni'").optional(),
    acm: matching(/^[a-z0-9][a-z0-9-]{0,39}$/, 'write the id of an ACM target of this certificate').optional(),
  }),
  fields: {
    listenerArn: { what: 'the listener; HTTPS or TLS', byDefault: 'required' },
    as: {
      what: "`'default'` replaces the listener's default certificate, `'sni'` stands beside it in its list",
      byDefault: "`'sni'`",
    },
    acm: {
      what: 'id of the ACM target whose ARN is bound',
      byDefault: 'that in the region of the listener, which is added if there is none',
    },
  },
  limits: () => ({
    readBack: 'the ARNs that the listener lists',
    notes: ['A superseded certificate is taken out of the list of the listener, whose quota is 25.'],
  }),
  servesTls: true,
  resolve: ({ listenerArn, as = 'sni', acm = '', role }, base) => ({
    ...base,
    kind: 'load-balancer',
    listenerArn,
    as,
    acm,
    ...placeOf({ region: listenerArn.split(':')[3], role }),
  }),
  suffix: ({ listenerArn }) => listenerArn.split('/')[2]?.toLowerCase(),
  exclusive: ({ as, listenerArn }): Readonly<Record<string, readonly string[]>> =>
    as === 'default' ? { listenerArn: [listenerArn] } : {},
  grants: (_scope, targets) => {
    const listeners = [...new Set(targets.map(({ listenerArn }) => listenerArn))].sort();
    if (listeners.length === 0) return [];
    return [
      grant('elasticloadbalancing', ['DescribeListeners', 'DescribeListenerCertificates'], ['*']),
      grant(
        'elasticloadbalancing',
        ['ModifyListener', 'AddListenerCertificates', 'RemoveListenerCertificates'],
        listeners,
      ),
    ];
  },
});
