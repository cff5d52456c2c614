/** The Lambdas, each named as its file in `lambdas/handlers/` that exports `handler`, with what it is for. */
export const HANDLERS = {
  'find-due': 'Starts what is due',
  'refresh-ari': 'Asks the CAs when certificates are to be renewed',
  'create-order': 'Creates or resumes an ACME order and publishes its DNS records',
  'poll-order': 'Checks propagation, answers challenges, reads the order',
  'finalize-order': 'Finalizes an order, stores the certificate, starts the pushes',
  'record-failure': 'Records why a run failed and when it is tried again',
  'push-target': 'Puts a certificate into ACM, and has CloudFront serve it',
  'push-aws': 'Has load balancers and API Gateway serve a certificate; puts it into IAM',
  'push-export': 'Hands a certificate to Secrets Manager, S3 and webhooks',
  'probe-target': 'Proves that a target serves its certificate',
  'deliver-alert': 'Tells one channel one message for people',
  settle: 'Clears what a run left behind',
  watch: 'Looks at what is served, whatever renewal does, and tells',
  'sync-inventory': 'Writes the configured certificates into the table',
  'prune-versions': 'Deletes versions of Lambdas that nothing can call any more',
} as const;

export type HandlerName = keyof typeof HANDLERS;

/** All handlers, in the order of {@link HANDLERS}. */
export const HANDLER_NAMES = Object.keys(HANDLERS) as readonly HandlerName[];

/** `create-order` as `CreateOrder`: construct ids and state names. */
export function pascalCase(name: string): string {
  return name
    .split('-')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');
}
