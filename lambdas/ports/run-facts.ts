import type { RunFacts } from '../core/log.ts';
import { certificateNameOf, type DueKind } from '../core/rows.ts';

/** Whose work an event asks for, as far as it tells: of a machine's step, or of the status rule. Throws nothing. */
export function runFactsOf(handler: string, event: unknown): RunFacts {
  const { execution, input } = payloadOf(fieldsOf(event));
  const { pk, sk, startSeq } = fieldsOf(input);
  return {
    handler,
    ...(typeof pk === 'string' && typeof sk === 'string' ? rowFacts(pk, sk) : {}),
    ...(typeof startSeq === 'number' ? { startSeq } : {}),
    ...(typeof execution === 'string' ? { execution } : {}),
  };
}

function payloadOf({ execution, input, detail }: Fields): { readonly execution: unknown; readonly input: unknown } {
  if (detail === undefined) return { execution, input };
  const told = fieldsOf(detail);
  return { execution: told.executionArn, input: parsed(told.input) };
}

function rowFacts(pk: string, sk: string): Pick<RunFacts, 'certificate' | 'kind' | 'target' | 'slot'> {
  const kind = kindOf(sk);
  return {
    ...(pk.startsWith('CERT#') ? { certificate: certificateNameOf({ pk }) } : { slot: pk }),
    ...(kind === undefined ? {} : { kind }),
    ...(kind === 'push' ? { target: sk.replace(/^TARGET#/, '') } : {}),
  };
}

function kindOf(sk: string): DueKind | undefined {
  if (sk.startsWith('ROLE#')) return 'renew';
  if (sk.startsWith('TARGET#')) return 'push';
  return sk === 'SLOT' ? 'settle' : undefined;
}

type Fields = Readonly<Record<string, unknown>>;

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

function parsed(text: unknown): unknown {
  try {
    return typeof text === 'string' ? JSON.parse(text) : undefined;
  } catch {
    return undefined;
  }
}
