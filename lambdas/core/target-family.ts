import type { TargetKind } from './target-declaration.ts';

/** The targets that one push Lambda looks after, with no more permissions than they take. */
export type TargetFamily = 'acm' | 'aws' | 'export';

/** Each kind's family. */
export const TARGET_FAMILIES: Readonly<Record<TargetKind, TargetFamily>> = {
  acm: 'acm',
  'load-balancer': 'aws',
  'api-gateway': 'aws',
  'iam-certificate': 'aws',
  'secrets-manager': 'export',
  s3: 'export',
  webhook: 'export',
};
