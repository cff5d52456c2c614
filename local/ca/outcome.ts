import type { CaAnswer } from './wire.ts';

/** What a request comes to. */
export type Outcome =
  | { readonly kind: 'answer'; readonly answer: CaAnswer }
  /** The connection ends; with `partial` after that much of the answer. */
  | { readonly kind: 'disconnect'; readonly code: 'ECONNREFUSED' | 'ECONNRESET'; readonly partial?: CaAnswer }
  /** Nothing, for as long as the CA runs. */
  | { readonly kind: 'silence' };

/** What {@link Ca.handle} throws where a socket would have failed; `code` as Node's socket errors have it. */
export class CaDisconnect extends Error {
  override readonly name = 'CaDisconnect';
  readonly code: 'ECONNREFUSED' | 'ECONNRESET';

  constructor(code: 'ECONNREFUSED' | 'ECONNRESET') {
    super(`connect ${code}`);
    this.code = code;
  }
}
