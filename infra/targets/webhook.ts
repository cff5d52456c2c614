import { z } from 'zod';
import type { WebhookTarget } from '../../lambdas/core/target-declaration.ts';
import { isHttpsUrl, secretName, text } from '../config/fields.ts';
import { grant } from '../grant.ts';
import { describeTarget } from './descriptor.ts';
import { COMMON } from './fields.ts';
import { secretArn } from './secrets-manager.ts';

/** An HTTPS endpoint of the user's own. */
export const WEBHOOK = describeTarget<WebhookTarget>()({
  kind: 'webhook',
  summary: 'An HTTPS endpoint of your own that is told of every version by a signed request.',
  schema: z.strictObject({
    kind: z.literal('webhook'),
    ...COMMON,
    url: text('write an https:// URL', isHttpsUrl),
    secretName,
    includeKey: z.boolean('write true or false').optional(),
  }),
  fields: {
    url: { what: 'the endpoint, `https://`', byDefault: 'required' },
    secretName: { what: 'secret of Secrets Manager that holds the key of the HMAC signature', byDefault: 'required' },
    includeKey: { what: '`true` sends the private key as well', byDefault: '`false`' },
  },
  limits: () => ({
    readBack: 'nothing; an answer of 2xx is what counts',
    notes: ['Any answer of 2xx counts as taken; declare a `probe` where a handshake can prove more.'],
  }),
  servesTls: false,
  resolve: ({ url, secretName: name, includeKey = false }, base) => ({
    ...base,
    kind: 'webhook',
    url,
    secretName: name,
    includeKey,
  }),
  suffix: () => undefined,
  exclusive: () => ({}),
  grants: (scope, targets) => {
    const secrets = [...new Set(targets.map(({ secretName: name }) => secretArn(scope, name)))].sort();
    return secrets.length === 0 ? [] : [grant('secretsmanager', ['GetSecretValue'], secrets)];
  },
});
