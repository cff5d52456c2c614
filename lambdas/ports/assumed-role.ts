import { fromTemporaryCredentials } from '@aws-sdk/credential-providers';
import { awsFailure } from '../core/aws-failure.ts';
import type { AssumableRole } from '../core/dns-zones.ts';

/** How long the credentials of a role are asked for; the shortest that STS gives. Seconds. */
const DURATION_SECONDS = 900;

/** Settings of the client of STS, where it is not to be the SDK's own. */
export type AssumeRoleOptions = Pick<Parameters<typeof fromTemporaryCredentials>[0], 'clientConfig' | 'clientPlugins'>;

/** Credentials of a role in another account, for an SDK client's `credentials`. */
export type RoleCredentials = ReturnType<typeof fromTemporaryCredentials>;

/**
 * Credentials of a role, asked for when they are first needed and again before they end.
 * https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
 *
 * @param declaredAt Where in the configuration the role is named.
 *
 * They fail with a StepFailure: of class `person`, with what to correct, where STS refuses the role.
 */
export function assumedRole(
  { roleArn, externalId }: AssumableRole,
  declaredAt: string,
  options: AssumeRoleOptions = {},
): RoleCredentials {
  const params = {
    RoleArn: roleArn,
    RoleSessionName: 'perennial',
    DurationSeconds: DURATION_SECONDS,
    ...(externalId !== undefined && { ExternalId: externalId }),
  };
  const assume = fromTemporaryCredentials({ params, ...options });
  return async (properties) => {
    try {
      return await assume(properties);
    } catch (error) {
      throw awsFailure(error, `Assuming the role ${roleArn}`, remedy(roleArn, externalId, declaredAt));
    }
  };
}

/** STS does not say which of these it was. */
function remedy(roleArn: string, externalId: string | undefined, declaredAt: string): string {
  const asked = externalId === undefined ? 'and asks for no external id' : `with the external id ${externalId}`;
  return (
    `Check that the role exists and that its trust policy admits this stack's account ${asked}, ` +
    `as ${declaredAt} of the configuration has it for ${roleArn}; deploy again after correcting it there.`
  );
}
