import type {
  GetParameterRequest,
  GetParameterResult,
  PutParameterRequest,
  PutParameterResult,
} from '@aws-sdk/client-ssm';
import { AwsFault } from './fault.ts';
import type { FakeAccount } from './seam.ts';
import { expectFields } from './strict-input.ts';

export type SsmAccountOptions = { readonly accountId: string; readonly region: string };

type Parameter = { readonly value: string; readonly version: number };

// https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-su-create.html
const NAME = /^[A-Za-z0-9_.\-/]+$/;
const RESERVED = /^\/?(aws|ssm)/i;
const MOST_LEVELS = 15;
/** The name counts with the ARN before it. */
const LONGEST_NAME = 1011;
const LONGEST_VALUE = 4096;

/**
 * Parameter Store in one account and region: standard parameters of type String.
 * https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html
 */
export class SsmAccount implements FakeAccount {
  readonly #options: SsmAccountOptions;
  readonly #parameters = new Map<string, Parameter>();

  constructor(options: SsmAccountOptions) {
    this.#options = options;
  }

  /** Values by name. */
  parameters(): Readonly<Record<string, string>> {
    return Object.fromEntries([...this.#parameters].map(([name, { value }]) => [name, value]));
  }

  /** Answers one operation of the API. `input` is the SDK's input, the answer its output without metadata. */
  async call(operation: string, input: object): Promise<object> {
    switch (operation) {
      case 'PutParameter':
        return this.#put(expectFields(input, ['Name', 'Value', 'Type', 'Overwrite']));
      case 'GetParameter':
        return this.#get(expectFields(input, ['Name']));
      default:
        throw new Error(`SsmAccount does not know ${operation}; add it with its rules.`);
    }
  }

  #put({ Name = '', Value = '', Type, Overwrite = false }: PutParameterRequest): PutParameterResult {
    this.#checkName(Name);
    const existing = this.#parameters.get(Name);
    if (existing !== undefined && !Overwrite)
      throw new AwsFault('ParameterAlreadyExists', 'The parameter already exists. To overwrite it, set Overwrite.');
    if (Type !== 'String') throw new Error(`SsmAccount does not know parameters of type ${Type}; add them.`);
    const size = Buffer.byteLength(Value);
    if (size < 1 || size > LONGEST_VALUE)
      throw new AwsFault('ValidationException', `A standard parameter has 1 to ${LONGEST_VALUE} bytes, not ${size}.`);
    const version = (existing?.version ?? 0) + 1;
    this.#parameters.set(Name, { value: Value, version });
    return { Version: version, Tier: 'Standard' };
  }

  #get({ Name = '' }: GetParameterRequest): GetParameterResult {
    const found = this.#parameters.get(Name);
    if (found === undefined) throw new AwsFault('ParameterNotFound', `Parameter ${Name} not found.`);
    const { value: Value, version: Version } = found;
    return { Parameter: { Name, Value, Version, Type: 'String', ARN: this.#arnOf(Name), DataType: 'text' } };
  }

  #checkName(name: string): void {
    if (!NAME.test(name) || this.#arnOf(name).length > LONGEST_NAME)
      throw new AwsFault('ValidationException', `Parameter name "${name}" is not allowed: a-zA-Z0-9_.-/ only.`);
    if (name.includes('/') && !name.startsWith('/'))
      throw new AwsFault('ValidationException', `Parameter name "${name}" must be a fully qualified name.`);
    if (RESERVED.test(name))
      throw new AwsFault('AccessDeniedException', `No access to reserved parameter name: ${name}.`);
    if (name.split('/').length - 1 > MOST_LEVELS)
      throw new AwsFault('HierarchyLevelLimitExceededException', `A hierarchy has at most ${MOST_LEVELS} levels.`);
  }

  #arnOf(name: string): string {
    const { region, accountId } = this.#options;
    return `arn:aws:ssm:${region}:${accountId}:parameter${name.startsWith('/') ? '' : '/'}${name}`;
  }
}
