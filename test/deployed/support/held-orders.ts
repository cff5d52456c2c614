import type { Ca } from '../../../local/ca/ca.ts';
import type { CaAnswer } from '../../../local/ca/wire.ts';

interface OrderObject {
  readonly status?: string;
  readonly certificate?: string;
  readonly identifiers?: readonly { readonly value: string }[];
}

function asProcessing(answer: CaAnswer, name: string): CaAnswer {
  const { certificate, ...order }: OrderObject = JSON.parse(answer.body);
  if (order.status !== 'valid' || !order.identifiers?.some(({ value }) => value === name)) return answer;
  return { ...answer, body: JSON.stringify({ ...order, status: 'processing' }) };
}

/**
 * Has the CA show orders for a name as `processing` after their finalize (RFC 8555 section 7.1.6), as one that takes its
 * time, until it is told to go on.
 */
export function holdOrders(ca: Ca, name: string): { readonly letGo: () => void } {
  const change = (answer: CaAnswer) => asProcessing(answer, name);
  const rules = (['finalize', 'order'] as const).map((endpoint) =>
    ca.faults.add({ endpoint, times: Number.POSITIVE_INFINITY, fault: { kind: 'rewrite', change } }),
  );
  return {
    letGo: () => {
      for (const rule of rules) rule.remove();
    },
  };
}
