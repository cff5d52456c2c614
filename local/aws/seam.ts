import { randomUUID } from 'node:crypto';
import { AwsFault } from './fault.ts';

/** A fake AWS account: acts like AWS on an operation's input, or throws an {@link AwsFault}. It must throw on unknown operations. */
export interface FakeAccount {
  call(operation: string, input: Readonly<Record<string, unknown>>): Promise<object>;
}

/** Acts on the account, at most once a call of {@link Around}; answers the operation's output. */
export type Act = () => Promise<object>;

/**
 * Stands between a client and its account, once for each attempt the SDK makes. By what it does with `act`, a suite injects
 * faults: throw before it (nothing was sent), throw after it (the answer is lost), never settle (the invocation was killed).
 */
export type Around = (operation: string, input: Readonly<Record<string, unknown>>, act: Act) => Promise<object>;

type Attempt = { readonly input: unknown };
type Answer = { readonly response: unknown; readonly output: object };
type Context = { readonly commandName?: string };
type FakeMiddleware = (next: unknown, context: Context) => (attempt: Attempt) => Promise<Answer>;
type RelativePlace = { name: string; relation: 'after'; toMiddleware: string; override: boolean };

/** What the seam needs of an AWS SDK v3 client. */
export type SdkClient = {
  readonly config: object;
  // biome-ignore lint/suspicious/noExplicitAny: each client types its stack by its own inputs, so no narrower type takes them all.
  readonly middlewareStack: { addRelativeTo(middleware: any, place: RelativePlace): void };
};

/**
 * Puts a fake account under a real AWS SDK v3 client, in place of signing and sending. Serializer, retries and typed
 * exceptions are the client's own: an {@link AwsFault} becomes the client's exception of that name, and throttling and 5xx
 * are retried as its strategy says. The SDK waits in real time between tries: give the client
 * `retryStrategy: retriesWithoutDelay()` where faults are injected.
 *
 * The client needs a region and any credentials. The wire format stays unproven here.
 */
export function connectFake<Client extends SdkClient>(client: Client, account: FakeAccount, around?: Around): Client {
  const middleware: FakeMiddleware = (_next, context) => async (attempt) => {
    const operation = operationOf(context);
    const input = recordOf(attempt.input);
    const act: Act = () => account.call(operation, input);
    try {
      const output = around ? await around(operation, input, act) : await act();
      return { response: undefined, output: { ...output, $metadata: metadata(200) } };
    } catch (error) {
      throw error instanceof AwsFault ? typedException(client.config, error) : error;
    }
  };
  // At step `initialize` the client's retries and serializer would be passed by.
  const place = { name: 'fakeAccount', relation: 'after', toMiddleware: 'retryMiddleware', override: true } as const;
  client.middlewareStack.addRelativeTo(middleware, place);
  return client;
}

/** `ChangeResourceRecordSetsCommand` is the operation `ChangeResourceRecordSets`. */
function operationOf(context: Context): string {
  if (context.commandName === undefined) throw new Error('The SDK passed no command name: its middleware has changed.');
  return context.commandName.replace(/Command$/, '');
}

function recordOf(input: unknown): Readonly<Record<string, unknown>> {
  return typeof input === 'object' && input !== null ? { ...input } : {};
}

function metadata(status: number) {
  return { httpStatusCode: status, requestId: randomUUID(), attempts: 1, totalRetryDelay: 0 };
}

type ExceptionClass = new (options: object) => Error;

/** What the seam reads of a client's registry of exceptions, of which there is one a namespace. */
type ExceptionRegistry = {
  getSchema(name: string): unknown;
  getErrorCtor(schema: unknown): ExceptionClass | undefined;
  getBaseException(): unknown;
};

/** The client's class for the code, or its base class with the code as name: what the SDK itself does with an unknown code. */
function typedException(config: object, fault: AwsFault): Error {
  const Exception = exceptionClass(config, fault.code);
  const $fault = fault.status < 500 ? 'client' : 'server';
  const $metadata = metadata(fault.status);
  return new Exception({ name: fault.code, message: fault.message, $fault, $metadata });
}

function exceptionClass(config: object, code: string): ExceptionClass {
  const registries = registriesOf(config);
  const found = firstOf(registries, (registry) => registry.getErrorCtor(schemaNamed(registry, code)));
  const base = firstOf(registries, (registry) => registry.getErrorCtor(registry.getBaseException() ?? []));
  const chosen = found ?? base;
  if (chosen === undefined) throw new Error(`The client has no exceptions; AWS's answer ${code} cannot be thrown.`);
  return chosen;
}

function firstOf<T>(registries: readonly ExceptionRegistry[], read: (registry: ExceptionRegistry) => T | undefined) {
  return registries.map(read).find((value) => value !== undefined);
}

/** The registry throws on names it does not know; an empty schema finds no class. */
function schemaNamed(registry: ExceptionRegistry, code: string): unknown {
  try {
    return registry.getSchema(code);
  } catch {
    return [];
  }
}

function registriesOf(config: object): readonly ExceptionRegistry[] {
  const settings: unknown = 'protocolSettings' in config ? config.protocolSettings : undefined;
  if (typeof settings !== 'object' || settings === null || !('errorTypeRegistries' in settings)) return [];
  const registries: unknown = settings.errorTypeRegistries;
  return Array.isArray(registries) ? registries : [];
}
