import { CfnRule, Fn } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { CertificateDeclaration } from '../lambdas/core/declaration.ts';
import { isReservedName } from './config/reserved-names.ts';

/** Refuses a deployment, though not a synth, while names that no public CA can certify stand in the configuration. */
export function refuseReservedNames(scope: Construct, declarations: readonly CertificateDeclaration[]): void {
  const names = [...new Set(declarations.filter(isPubliclyTrusted).flatMap(({ domains }) => domains))];
  const reserved = names.filter(isReservedName);
  if (reserved.length === 0) return;
  new CfnRule(scope, 'ReservedNames', {
    assertions: [
      {
        // CloudFormation asks for a condition; this one never holds.
        assert: Fn.conditionEquals('reserved', 'deployable'),
        assertDescription: `Put your own names into the configuration: ${listed(reserved)} cannot be certified.`,
      },
    ],
  });
}

/** Whether the certificate comes from a CA of the public web: one that is not trusted by roots of its own. */
function isPubliclyTrusted({ cas }: CertificateDeclaration): boolean {
  return cas.some((ca) => ca.rootsPem === undefined);
}

function listed(names: readonly string[]): string {
  return names.length > 5 ? `${names.slice(0, 5).join(', ')} and ${names.length - 5} more` : names.join(', ');
}
