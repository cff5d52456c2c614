import { z } from 'zod';
import type { TargetKind } from '../../lambdas/core/target-declaration.ts';
import { ACM } from './acm.ts';
import { API_GATEWAY } from './api-gateway.ts';
import type { TargetDescriptor } from './descriptor.ts';
import { IAM_CERTIFICATE } from './iam-certificate.ts';
import { LOAD_BALANCER } from './load-balancer.ts';
import { S3 } from './s3.ts';
import { SECRETS_MANAGER } from './secrets-manager.ts';
import { WEBHOOK } from './webhook.ts';

/** All kinds of target, in the order of the documentation. */
const BY_KIND = {
  acm: ACM,
  'load-balancer': LOAD_BALANCER,
  'api-gateway': API_GATEWAY,
  'iam-certificate': IAM_CERTIFICATE,
  'secrets-manager': SECRETS_MANAGER,
  s3: S3,
  webhook: WEBHOOK,
} as const satisfies Record<TargetKind, TargetDescriptor>;

export const TARGET_DESCRIPTORS: readonly TargetDescriptor[] = Object.values(BY_KIND);

/** The descriptor of a kind. */
export function descriptorOf(kind: TargetKind): TargetDescriptor {
  return BY_KIND[kind];
}

/** A target as it is written in a configuration. */
export const targetSchema = z.discriminatedUnion(
  'kind',
  [
    ACM.schema,
    LOAD_BALANCER.schema,
    API_GATEWAY.schema,
    IAM_CERTIFICATE.schema,
    SECRETS_MANAGER.schema,
    S3.schema,
    WEBHOOK.schema,
  ],
  `write { kind: 'acm' }, or another of the kinds ${Object.keys(BY_KIND).join(', ')}`,
);

export type TargetInput = z.output<typeof targetSchema>;
