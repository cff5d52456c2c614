import type { PushBundle } from './ports.ts';
import type { TargetDeclaration } from './target-declaration.ts';

/** One version on its way to one target. */
export type PushJob<Target extends TargetDeclaration> = {
  readonly target: Target;
  /** Whose it is: what a remote object is named or tagged by. */
  readonly owner: { readonly certificate: string; readonly target: string };
  /** SHA-256 of the leaf's DER, lower-case hex. */
  readonly sha256: string;
  /** Validity, milliseconds since the epoch. */
  readonly notBefore: number;
  readonly notAfter: number;
  readonly domains: readonly string[];
  /** What the target called what it was given last ({@link Installed.remoteId}); none before the first push. */
  readonly remoteId?: string;
  /** ARN in ACM of the certificate that holds the version, for targets that bind one. */
  readonly certificateArn?: string;
  /** Opens the private key: called only where something is sent. */
  readonly bundle: () => Promise<PushBundle>;
};

/** What a target has after it was given a version. */
export type Installed = {
  /** What the target calls what holds the version: a name, an ARN, the id of a version. */
  readonly remoteId: string;
  /** In effect everywhere, as far as its control plane says; one that is not is asked again. */
  readonly deployed: boolean;
};

/** How the versions of one kind of target get there. Errors are StepFailures that name the target's field and the remedy. */
export interface TargetDriver<Target extends TargetDeclaration> {
  /**
   * Has the target hold the version: looks first, writes only what differs, reads back. It may be called again at any time,
   * also after an answer that was lost, and then makes nothing twice.
   */
  install(job: PushJob<Target>): Promise<Installed>;
  /**
   * Removes what an earlier push left and a proven one has superseded; only called with ids that {@link install} has given.
   * Whether it is gone; one that something still uses is left and tried again. Kinds that replace in place have none.
   */
  discard?(target: Target, remoteId: string): Promise<boolean>;
}
