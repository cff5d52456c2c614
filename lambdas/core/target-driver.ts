import type { KeyType } from './declaration.ts';
import type { PushBundle } from './ports.ts';
import type { TargetDeclaration } from './target-declaration.ts';

/** Whose a remote object is: what it is named or tagged by. */
export type RemoteOwner = { readonly certificate: string; readonly target: string };

/**
 * The record, in the target's row, of something that would be made twice were it asked for again without looking: for kinds
 * whose objects have no name of ours.
 */
export type Making = {
  /** As whose something may have been made whose answer was lost: looked for before anything is made. */
  readonly perhapsAs: readonly RemoteOwner[];
  /** Before it is sent. Throws a transient StepFailure where another invocation's may be on its way. */
  announce(): Promise<void>;
  /** The service has refused: nothing is on its way. */
  refused(): Promise<void>;
  /** It is there, under this name. */
  made(remoteId: string): Promise<void>;
};

/** One version on its way to one target. */
export type PushJob<Target extends TargetDeclaration> = {
  readonly target: Target;
  readonly owner: RemoteOwner;
  /** SHA-256 of the leaf's DER, lower-case hex. */
  readonly sha256: string;
  readonly keyType: KeyType;
  /** Validity, milliseconds since the epoch. */
  readonly notBefore: number;
  readonly notAfter: number;
  readonly domains: readonly string[];
  /** What the target called what it was given last ({@link Installed.remoteId}); none before the first push. */
  readonly remoteId?: string;
  /** What it called versions that a later one has superseded and that are not removed yet. */
  readonly superseded: readonly string[];
  /** ARN in ACM of the certificate that holds the version, for targets that bind one. */
  readonly certificateArn?: string;
  /** Opens the private key: called only where something is sent. */
  readonly bundle: () => Promise<PushBundle>;
  readonly making: Making;
  /** Whether the version may replace this one, which is there and begins later. */
  readonly mayReplaceNewer: (sha256: string) => Promise<boolean>;
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
  /** Has those who serve what holds the version serve it; called after each {@link install}. Whether that is in effect. */
  attach?(job: PushJob<Target>, remoteId: string): Promise<boolean>;
  /**
   * Removes what an earlier push left and a proven one has superseded; only called with ids that {@link install} has given.
   * Whether it is gone; one that something still uses is left and tried again. Kinds that replace in place have none.
   */
  discard?(target: Target, remoteId: string): Promise<boolean>;
  /** SHA-256 of what is held under this name as long as something serves it; for targets that no handshake can reach. */
  serves?(target: Target, remoteId: string): Promise<string | undefined>;
}

/** The drivers that one Lambda has. */
export type TargetDrivers = {
  readonly [Kind in TargetDeclaration['kind']]?: TargetDriver<Extract<TargetDeclaration, { kind: Kind }>>;
};
