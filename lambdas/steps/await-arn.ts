import { awsFailure } from '../core/aws-failure.ts';
import type { StepFailure } from '../core/failure.ts';
import type { Clock } from '../core/ports.ts';

/** How long a stack waits for the first import: CloudFormation allows an hour. Milliseconds. */
export const LONGEST_WAIT_MS = 55 * 60_000;

/** Between two looks, milliseconds. */
const BETWEEN_LOOKS_MS = 10_000;

/** What another stack asks for. */
export type WantedArn = {
  readonly certificate: string;
  readonly target: string;
  /** The SSM parameter that will hold it. */
  readonly parameter: string;
  /** When it was first asked for, milliseconds since the epoch. */
  readonly since: number;
};

export type AwaitArnPorts = {
  readonly clock: Clock;
  /** This invocation must have ended then, milliseconds since the epoch. */
  readonly deadline: number;
  /** The value of an SSM parameter; undefined while there is none. Throws the SDK's error. */
  readonly readParameter: (name: string) => Promise<string | undefined>;
};

/**
 * The ARN, once it is there; undefined where this invocation must end before, and another has to go on.
 *
 * @throws Error that says what is missing and what to do, where it may not be read or did not come in 55 minutes.
 */
export async function awaitArn(wanted: WantedArn, ports: AwaitArnPorts): Promise<string | undefined> {
  const { clock, deadline } = ports;
  for (;;) {
    const arn = await look(wanted, ports);
    if (arn !== undefined) return arn;
    if (clock.now() >= wanted.since + LONGEST_WAIT_MS) throw tooLate(wanted);
    if (clock.now() + BETWEEN_LOOKS_MS >= deadline) return undefined;
    await clock.sleep(BETWEEN_LOOKS_MS);
  }
}

/** What passes by itself is waited for like the ARN. */
async function look({ parameter }: WantedArn, { readParameter }: AwaitArnPorts): Promise<string | undefined> {
  try {
    return await readParameter(parameter);
  } catch (error) {
    const failure: StepFailure = awsFailure(error, `Reading the SSM parameter ${parameter}`);
    if (failure.detail.class !== 'transient') throw new Error(failure.detail.message, { cause: error });
    return undefined;
  }
}

function tooLate({ certificate, target, parameter }: WantedArn): Error {
  return new Error(
    `after 55 minutes there is no SSM parameter ${parameter}: the certificate "${certificate}" has not been imported for its target "${target}" yet. Check that Perennial in this account and region declares both, see its alerts for what keeps the certificate from being issued, and deploy this stack again`,
  );
}
