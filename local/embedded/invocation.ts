/** A Lambda's handler, in process. */
export type LocalHandler = (payload: unknown) => Promise<unknown>;

/** What `lambda:invoke` is called with. */
export type InvokeParameters = { readonly FunctionName: string; readonly Payload: unknown };

/** The error of a failed invocation as Step Functions sees it: named by the handler's error, with the runtime's JSON as cause. */
export class InvocationError extends Error {
  constructor(name: string, message: string, trace: readonly string[] = []) {
    super(JSON.stringify({ errorType: name, errorMessage: message, trace }));
    this.name = name;
  }
}

/** Calls a handler with what JSON leaves of the payload, and answers what JSON leaves of its result. */
export async function invoke(handler: LocalHandler, payload: unknown): Promise<unknown> {
  try {
    return throughJson(await handler(throughJson(payload)));
  } catch (thrown) {
    throw invocationErrorOf(thrown);
  }
}

/** Read-only parameters of a Task, as its definition made them. Throws where they are not of `lambda:invoke`. */
export function invokeParameters(input: unknown): InvokeParameters {
  if (typeof input === 'object' && input !== null && 'FunctionName' in input && 'Payload' in input) {
    return { FunctionName: String(input.FunctionName), Payload: input.Payload };
  }
  throw new Error(`Only lambda:invoke tasks can be run, not one with ${JSON.stringify(input)}`);
}

function invocationErrorOf(thrown: unknown): InvocationError {
  if (!(thrown instanceof Error)) return new InvocationError(typeof thrown, String(thrown));
  return new InvocationError(thrown.name, thrown.message, thrown.stack?.split('\n'));
}

function throughJson(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value ?? null));
}
