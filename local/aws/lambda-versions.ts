import type { DeleteFunctionRequest, ListVersionsByFunctionRequest } from '@aws-sdk/client-lambda';
import { AwsFault } from './fault.ts';
import type { FakeAccount } from './seam.ts';
import { expectFields } from './strict-input.ts';

/** A page is small, so that whoever reads one page only is found out; AWS's has 50. */
const PAGE = 3;

/**
 * AWS Lambda as far as versions go: functions, their published versions, and the deletion of a version.
 * https://docs.aws.amazon.com/lambda/latest/api/API_DeleteFunction.html
 */
export class LambdaVersionsAccount implements FakeAccount {
  readonly #published = new Map<string, Map<string, number>>();
  readonly #last = new Map<string, number>();

  /** Publishes the next version of a function, which is made where there is none; its number. */
  publish(functionName: string, at: number): string {
    const number = (this.#last.get(functionName) ?? 0) + 1;
    this.#last.set(functionName, number);
    const versions = this.#published.get(functionName) ?? new Map<string, number>();
    this.#published.set(functionName, versions.set(String(number), at));
    return String(number);
  }

  /** Numbers of the published versions of a function; undefined where it is gone. */
  versions(functionName: string): readonly string[] | undefined {
    const versions = this.#published.get(functionName);
    return versions && [...versions.keys()];
  }

  /** Answers one operation of the API. `input` is the SDK's input, the answer its output without metadata. */
  async call(operation: string, input: object): Promise<object> {
    switch (operation) {
      case 'ListVersionsByFunction':
        return this.#list(expectFields(input, ['FunctionName', 'Marker']));
      case 'DeleteFunction':
        return this.#delete(expectFields(input, ['FunctionName', 'Qualifier']));
      default:
        throw new Error(`LambdaVersionsAccount does not know ${operation}; add it with its rules.`);
    }
  }

  #list({ FunctionName, Marker = '0' }: ListVersionsByFunctionRequest): object {
    const versions = [...this.#versionsOf(FunctionName)].map(([Version, at]) => ({ Version, at }));
    const all = [{ Version: '$LATEST', at: versions.at(-1)?.at ?? 0 }, ...versions];
    const start = Number(Marker);
    const next = start + PAGE < all.length ? { NextMarker: String(start + PAGE) } : {};
    const Versions = all.slice(start, start + PAGE).map(({ Version, at }) => ({
      Version,
      // AWS writes the zone as an offset.
      LastModified: new Date(at).toISOString().replace('Z', '+0000'),
    }));
    return { Versions, ...next };
  }

  #delete({ FunctionName, Qualifier }: DeleteFunctionRequest): object {
    const versions = this.#versionsOf(FunctionName);
    if (Qualifier === undefined) this.#published.delete(String(FunctionName));
    else if (Qualifier === '$LATEST')
      throw new AwsFault('InvalidParameterValueException', '$LATEST cannot be deleted.');
    // A version that is not there is answered as if it had been deleted.
    else versions.delete(Qualifier);
    return { StatusCode: 204 };
  }

  #versionsOf(functionName: string | undefined): Map<string, number> {
    const versions = this.#published.get(functionName ?? '');
    if (versions === undefined)
      throw new AwsFault('ResourceNotFoundException', `Function not found: ${functionName}`, 404);
    return versions;
  }
}
