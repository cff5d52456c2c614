import type { fromTemporaryCredentials } from '@aws-sdk/credential-providers';
import { AwsFault } from './fault.ts';
import type { FakeAccount } from './seam.ts';
import { expectFields } from './strict-input.ts';

type Plugin = NonNullable<Parameters<typeof fromTemporaryCredentials>[0]['clientPlugins']>[number];

type AssumeRoleInput = {
  readonly RoleArn?: string;
  readonly RoleSessionName?: string;
  readonly ExternalId?: string;
  readonly DurationSeconds?: number;
};

/** What a role's trust policy asks of those who assume it. */
export type TrustPolicy = { readonly externalId?: string };

const SESSION_NAME = /^[\w+=,.@-]{2,64}$/;
const SHORTEST_SECONDS = 900;
const LONGEST_SECONDS = 43_200;

/**
 * AWS Security Token Service: AssumeRole, with roles that admit everybody who knows their external id.
 * https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
 */
export class StsAccount implements FakeAccount {
  readonly #now: () => number;
  readonly #roles = new Map<string, TrustPolicy>();
  readonly #sessions = new Map<string, { readonly roleArn: string; readonly endsAt: number }>();

  /** `now`: milliseconds since the epoch. */
  constructor({ now }: { readonly now: () => number }) {
    this.#now = now;
  }

  /** Makes a role, or changes whom it admits. */
  putRole(roleArn: string, trust: TrustPolicy): void {
    this.#roles.set(roleArn, trust);
  }

  /** Removes a role; who has assumed it is refused from then on. */
  deleteRole(roleArn: string): void {
    this.#roles.delete(roleArn);
  }

  /** The role whose credentials these are. Throws what AWS answers to credentials that are unknown or over. */
  roleOf(accessKeyId: string): string {
    const session = this.#sessions.get(accessKeyId);
    if (session === undefined || !this.#roles.has(session.roleArn)) {
      throw new AwsFault('InvalidClientTokenId', 'The security token included in the request is invalid.', 403);
    }
    if (session.endsAt <= this.#now()) {
      throw new AwsFault('ExpiredToken', 'The security token included in the request is expired', 403);
    }
    return session.roleArn;
  }

  /** Answers one operation of the API. `input` is the SDK's input, the answer its output without metadata. */
  async call(operation: string, input: object): Promise<object> {
    if (operation !== 'AssumeRole') throw new Error(`StsAccount does not know ${operation}; add it with its rules.`);
    return this.#assumeRole(
      expectFields<AssumeRoleInput>(input, ['RoleArn', 'RoleSessionName', 'ExternalId', 'DurationSeconds']),
    );
  }

  #assumeRole({ RoleArn = '', RoleSessionName = '', ExternalId, DurationSeconds = 3600 }: AssumeRoleInput): object {
    if (!SESSION_NAME.test(RoleSessionName)) {
      throw new AwsFault('ValidationError', `RoleSessionName is ${JSON.stringify(RoleSessionName)}.`);
    }
    if (DurationSeconds < SHORTEST_SECONDS || DurationSeconds > LONGEST_SECONDS) {
      throw new AwsFault('ValidationError', `DurationSeconds is ${DurationSeconds}; 900 to 43200 are allowed.`);
    }
    const trust = this.#roles.get(RoleArn);
    // A role that does not exist, one that does not trust the caller and a wrong external id are one answer.
    if (trust === undefined || (trust.externalId !== undefined && trust.externalId !== ExternalId)) {
      const message = `User: arn:aws:sts::123456789012:assumed-role/steps/step is not authorized to perform: sts:AssumeRole on resource: ${RoleArn}`;
      throw new AwsFault('AccessDenied', message, 403);
    }
    const AccessKeyId = `ASIA${String(this.#sessions.size + 1).padStart(16, '0')}`;
    const endsAt = this.#now() + DurationSeconds * 1000;
    this.#sessions.set(AccessKeyId, { roleArn: RoleArn, endsAt });
    return {
      Credentials: { AccessKeyId, SecretAccessKey: 'secret', SessionToken: 'token', Expiration: new Date(endsAt) },
    };
  }
}

/** Puts a fake STS under a client that only a plugin can reach: the one that the SDK's role credentials make, and plug in anew each time. */
export function stsPlugin(account: FakeAccount): Plugin {
  return {
    applyToStack: (stack) =>
      stack.add(
        (_next, context) => async (args) => {
          const operation = String(context.commandName).replace(/Command$/, '');
          const output = await account.call(operation, { ...args.input }).catch((error: unknown) => {
            throw error instanceof AwsFault ? serviceError(error) : error;
          });
          return { response: undefined, output: { ...output, $metadata: {} } } as never;
        },
        { step: 'initialize', priority: 'low', name: 'fakeSts', override: true },
      ),
  };
}

/** STS models none of these errors: its client throws its base class, with AWS's code as name. */
function serviceError(fault: AwsFault): Error {
  const $metadata = { httpStatusCode: fault.status };
  return Object.assign(new Error(fault.message), { name: fault.code, $fault: 'client', $metadata });
}
