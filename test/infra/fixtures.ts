import type { ResolvedConfig } from '../../infra/config/resolved.ts';
import type { CertificateDeclaration } from '../../lambdas/core/declaration.ts';
import { DEFAULT_RETRY } from '../../lambdas/core/retry-policy.ts';

/** A declaration of a private CA, which may certify reserved names. */
export const DECLARATION: CertificateDeclaration = {
  name: 'shop',
  domains: ['shop.test'],
  keyType: 'ecdsa-p256',
  cas: [
    {
      name: 'private',
      directoryUrl: 'https://ca.test/dir',
      environment: 'production',
      accountLabel: 'default',
      contact: [],
      rootsPem: 'roots',
    },
  ],
  targets: [{ id: 'acm', kind: 'acm', probe: 'control-plane' }],
  renewal: {},
  retry: DEFAULT_RETRY,
};

/** A configuration with everything set that changes the template. */
export const CONFIG: ResolvedConfig = {
  declarations: [DECLARATION],
  checkIntervalSeconds: 900,
  dns: { nameServers: { '*': '127.0.0.1:5353' }, resolvers: ['127.0.0.1:5353'] },
  alerts: {
    email: ['operations@shop.test'],
    https: [],
    sqs: [],
    channels: [
      { name: 'chat', type: 'slack', secretName: 'perennial/slack' },
      { name: 'duty', type: 'pagerduty', secretName: 'perennial/pagerduty' },
      { name: 'q', type: 'amazon-q' },
    ],
  },
};
