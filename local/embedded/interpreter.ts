import { ExecutionAbortedError, ExecutionTimeoutError, StateMachine } from 'aws-local-stepfunctions';
import type { HandlerName } from '../../infra/handlers.ts';
import type { MachineName } from '../../infra/machine-names.ts';
import type { Definitions, MachineDefinition } from './definitions.ts';
import {
  ExecutionAlreadyExists,
  ExecutionDoesNotExist,
  type ExecutionEvent,
  ExecutionNotRedrivable,
  type ExecutionRecord,
  type StatusChangeEvent,
  statusChangeOf,
} from './execution.ts';
import { InvocationError, invoke, invokeParameters, type LocalHandler } from './invocation.ts';
import type { AccountTime } from './time.ts';

/** Handlers by the name of their Lambda or, before that, by the name of the state that calls them. */
export type LocalHandlers = Readonly<
  Partial<Record<HandlerName, LocalHandler>> & Record<string, LocalHandler | undefined>
>;

/** What an interpreter runs. */
export type InterpreterOptions = {
  readonly definitions: Definitions;
  readonly handlers: LocalHandlers;
  readonly time: AccountTime;
  /** Receives what the stack's status rule lets through. A rejection is kept in {@link Interpreter.failedDeliveries}. */
  readonly onStatusChange?: (event: StatusChangeEvent) => Promise<void>;
  /** Sees every execution when it has ended. */
  readonly onEnd?: (record: ExecutionRecord) => void;
  /** Sees every event of every execution as it happens. */
  readonly onEvent?: (record: ExecutionRecord, event: ExecutionEvent) => void;
};

/** Step Functions, as far as Perennial uses it. */
export interface Interpreter {
  /**
   * StartExecution: answers the ARN at once. A name that runs with the same input answers its ARN; any other use of a taken
   * name throws {@link ExecutionAlreadyExists}.
   */
  start(machine: MachineName, name: string, input: unknown): string;
  /** DescribeExecution. Throws {@link ExecutionDoesNotExist}. */
  describe(arn: string): ExecutionRecord;
  /** StopExecution; nothing when it has ended. Throws {@link ExecutionDoesNotExist}. */
  abort(arn: string): void;
  /**
   * RedriveExecution: goes on in the state in which an execution ended in failure, with that state's input, under the same ARN.
   * Throws {@link ExecutionNotRedrivable} or {@link ExecutionDoesNotExist}.
   */
  redrive(arn: string): void;
  /** The record of an execution when it has ended. Throws {@link ExecutionDoesNotExist}. */
  ended(arn: string): Promise<ExecutionRecord>;
  /** All executions in the order of their start. */
  readonly executions: readonly ExecutionRecord[];
  /** How many of them run. */
  readonly running: number;
  /** Forgets executions that have ended, as Step Functions does after 90 days: a long simulation has many. */
  forgetEnded(): void;
  readonly failedDeliveries: readonly unknown[];
}

type Writable<T> = { -readonly [Key in keyof T]: T[Key] };
type Running = {
  readonly record: Writable<ExecutionRecord> & { readonly events: ExecutionEvent[] };
  readonly definition: MachineDefinition;
  ended: PromiseWithResolvers<ExecutionRecord>;
  abort: () => void;
  /** How often it was redriven. What was invoked before that is none of its own any more. */
  redrives: number;
  /** The state that was entered last, and its input as JSON. */
  reached: Entry;
};
type Entry = { readonly state: string; readonly input: string };

/** Runs the stack's own definitions on `aws-local-stepfunctions`, unmodified. */
export function createInterpreter(options: InterpreterOptions): Interpreter {
  return new LocalStepFunctions(options);
}

class LocalStepFunctions implements Interpreter {
  readonly failedDeliveries: unknown[] = [];
  readonly #options: InterpreterOptions;
  readonly #executions = new Map<string, Running>();
  #running = 0;

  constructor(options: InterpreterOptions) {
    this.#options = options;
  }

  get executions(): readonly ExecutionRecord[] {
    return [...this.#executions.values()].map(({ record }) => record);
  }

  get running(): number {
    return this.#running;
  }

  forgetEnded(): void {
    for (const [arn, { record }] of this.#executions) if (record.status !== 'RUNNING') this.#executions.delete(arn);
  }

  start(machine: MachineName, name: string, input: unknown): string {
    if (!/^[0-9A-Za-z_-]{1,80}$/.test(name)) throw new Error(`Invalid Name: '${name}'`);
    const definition = this.#options.definitions.machines[machine];
    const arn = `${definition.arn.replace(':stateMachine:', ':execution:')}:${name}`;
    const taken = this.#executions.get(arn)?.record;
    const text = JSON.stringify(input);
    if (taken?.status === 'RUNNING' && taken.input === text) return arn;
    if (taken !== undefined) throw new ExecutionAlreadyExists(arn);
    this.#begin(arn, name, definition, text);
    return arn;
  }

  describe(arn: string): ExecutionRecord {
    return this.#find(arn).record;
  }

  abort(arn: string): void {
    this.#find(arn).abort();
  }

  redrive(arn: string): void {
    const running = this.#find(arn);
    const { record } = running;
    if (record.status === 'RUNNING' || record.status === 'SUCCEEDED') throw new ExecutionNotRedrivable(record);
    for (const left of ['stoppedAt', 'error', 'cause'] as const) delete record[left];
    record.status = 'RUNNING';
    running.redrives += 1;
    running.ended = Promise.withResolvers();
    this.#continue(running);
  }

  ended(arn: string): Promise<ExecutionRecord> {
    return this.#find(arn).ended.promise;
  }

  #find(arn: string): Running {
    const found = this.#executions.get(arn);
    if (found === undefined) throw new ExecutionDoesNotExist(arn);
    return found;
  }

  #begin(arn: string, name: string, definition: MachineDefinition, input: string): void {
    const { machine, arn: machineArn } = definition;
    const startedAt = this.#options.time.clock.now();
    const running: Running = {
      record: { arn, machine, machineArn, name, input, startedAt, status: 'RUNNING', events: [] },
      definition,
      ended: Promise.withResolvers(),
      abort: () => undefined,
      redrives: 0,
      reached: { state: definition.definition.StartAt, input },
    };
    this.#executions.set(arn, running);
    this.#continue(running);
  }

  #continue(running: Running): void {
    this.#running += 1;
    this.#options.time.inside(() => void this.#run(running));
  }

  async #run(running: Running): Promise<void> {
    const { record, reached, ended } = running;
    const run = machineOf(running.definition, reached.state).run(JSON.parse(reached.input), {
      context: { Execution: { Id: record.arn, Name: record.name }, StateMachine: { Id: record.machineArn } },
      overrides: { taskResourceLocalHandlers: this.#tasksOf(running) },
    });
    running.abort = () => {
      if (record.status === 'RUNNING') run.abort();
    };
    const logged = this.#log(running, run.eventLogs);
    const end = await run.result.then(
      (output): Partial<ExecutionRecord> => ({ status: 'SUCCEEDED', output: JSON.stringify(output) }),
      (error: unknown) => failedEnd(error),
    );
    Object.assign(record, end, { stoppedAt: this.#options.time.clock.now() });
    this.#running -= 1;
    await logged;
    ended.resolve(record);
    this.#options.onEnd?.(record);
    this.#tellStatus(record);
  }

  async #log(running: Running, events: AsyncIterable<RawEvent>): Promise<void> {
    for await (const raw of events) {
      const event = eventOf(raw, this.#options.time.clock.now());
      if (raw.type === 'StateEntered' && raw.state !== undefined)
        running.reached = { state: raw.state.name, input: JSON.stringify(raw.state.input) };
      running.record.events.push(event);
      this.#options.onEvent?.(running.record, event);
    }
  }

  #tasksOf(running: Running): Record<string, (input: unknown) => Promise<never>> {
    const { redrives } = running;
    const states = Object.entries(running.definition.definition.States);
    const tasks = states.filter(([, state]) => state.Type === 'Task');
    return Object.fromEntries(
      tasks.map(([state]) => [
        state,
        (input: unknown) => this.#call(running, redrives, state, input) as Promise<never>,
      ]),
    );
  }

  /** One invocation. The library goes on after an abort until the state it is in ends; on AWS nothing is called any more. */
  async #call(running: Running, redrives: number, state: string, input: unknown): Promise<unknown> {
    if (running.record.status !== 'RUNNING' || running.redrives !== redrives)
      throw new InvocationError('ExecutionEnded', running.record.arn);
    const { FunctionName, Payload } = invokeParameters(input);
    const { handler, timeoutSeconds } = this.#handlerOf(state, FunctionName);
    const answered = this.#options.time.outside(() => invoke(handler, Payload));
    return { StatusCode: 200, Payload: await withinTimeout(answered, timeoutSeconds) };
  }

  #handlerOf(state: string, versionArn: string): { readonly handler: LocalHandler; readonly timeoutSeconds: number } {
    const functions = Object.values(this.#options.definitions.functions);
    const called = functions.find((candidate) => candidate.versionArn === versionArn);
    if (called === undefined)
      throw new InvocationError('Lambda.ResourceNotFoundException', `No function ${versionArn}`);
    const handler = this.#options.handlers[state] ?? this.#options.handlers[called.handler];
    if (handler === undefined)
      throw new InvocationError('MissingHandler', `No handler for ${state} (${called.handler})`);
    return { handler, timeoutSeconds: called.timeoutSeconds };
  }

  #tellStatus(record: ExecutionRecord): void {
    const { definitions, onStatusChange, time } = this.#options;
    const { status, stateMachineArn } = definitions.statusRule;
    if (onStatusChange === undefined) return;
    if (!status.includes(record.status) || !stateMachineArn.includes(record.machineArn)) return;
    const event = statusChangeOf(record, time.clock.now());
    time.outside(() => onStatusChange(event)).catch((error: unknown) => this.failedDeliveries.push(error));
  }
}

/** Constructing a StateMachine validates its definition, which takes a fifth of a second and writes into it: once a definition. */
const machines = new WeakMap<MachineDefinition, Made>();
type Made = { readonly definition: MachineDefinition['definition']; readonly machine: StateMachine };

function machineOf(defined: MachineDefinition, startAt: string): StateMachine {
  const { definition, machine } = machines.get(defined) ?? make(defined);
  if (definition.StartAt === startAt) return machine;
  return new StateMachine({ ...definition, StartAt: startAt }, { validationOptions: { noValidate: true } });
}

function make(defined: MachineDefinition): Made {
  const definition = structuredClone(defined.definition);
  const made = { definition, machine: new StateMachine(definition) };
  machines.set(defined, made);
  return made;
}

/** The Lambda service ends an invocation at its function's timeout. Its timer follows the account's time. */
async function withinTimeout(answered: Promise<unknown>, seconds: number): Promise<unknown> {
  const { promise, reject } = Promise.withResolvers<never>();
  const message = `Task timed out after ${seconds.toFixed(2)} seconds`;
  const timer = setTimeout(() => reject(new InvocationError('Sandbox.Timedout', message)), seconds * 1000);
  try {
    return await Promise.race([answered, promise]);
  } finally {
    clearTimeout(timer);
  }
}

function failedEnd(error: unknown): Partial<ExecutionRecord> {
  if (error instanceof ExecutionAbortedError) return { status: 'ABORTED' };
  if (error instanceof ExecutionTimeoutError) return { status: 'TIMED_OUT' };
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : new Error(String(error));
  return { status: 'FAILED', error: cause.name, cause: cause.message };
}

/** The part of the library's events that is kept. */
type RawEvent = {
  readonly type: string;
  readonly state?: { readonly name: string; readonly type: string; readonly input: unknown };
  readonly Error?: string;
};

function eventOf({ type, state, Error: error }: RawEvent, at: number): ExecutionEvent {
  return {
    at,
    type,
    ...(state !== undefined && { state: state.name, stateType: state.type }),
    ...(error !== undefined && { error }),
  };
}
