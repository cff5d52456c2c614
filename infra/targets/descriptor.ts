import type { Construct } from 'constructs';
import type { z } from 'zod';
import type { KeyType } from '../../lambdas/core/declaration.ts';
import type { TargetDeclaration } from '../../lambdas/core/target-declaration.ts';
import type { ConfigPath, Problems } from '../config/problems.ts';
import type { Grant } from '../grant.ts';

/** Where in the configuration a target stands, and where what is wrong with it is told. */
export type TargetPlace = { readonly path: ConfigPath; readonly problems: Problems };

/** A field as the documentation shows it: what it says, and what holds without it. */
export type FieldText = { readonly what: string; readonly byDefault: string };

/** What a kind of target takes. */
export type TargetLimits = {
  /** Key types, where not all are taken. */
  readonly keyTypes?: readonly KeyType[];
  /** Why the others are not: a page of the service's documentation. */
  readonly source?: string;
  /** How it is seen what the target holds, beside a handshake. */
  readonly readBack: string;
  /** What else is worth knowing before it is used; whole sentences. */
  readonly notes: readonly string[];
};

/** What all targets have, resolved. */
export type TargetBase = Pick<TargetDeclaration, 'id' | 'probe' | 'retry'>;

/** Everything that a deployment has to know of one kind of target. */
export type TargetDescriptor<
  Target extends TargetDeclaration = TargetDeclaration,
  Schema extends z.ZodType = z.ZodType,
> = {
  readonly kind: Target['kind'];
  /** One sentence. */
  readonly summary: string;
  readonly schema: Schema;
  /** Own fields by name; those that all targets have are told once. */
  readonly fields: Readonly<Record<string, FieldText>>;
  /** For every target of this kind, or for one as it is declared. */
  limits(target?: Target): TargetLimits;
  /** Whether a TLS handshake at the certificate's first name reaches it, where no probe is declared. */
  readonly servesTls: boolean;
  /** The declaration as rows hold it. */
  resolve(input: z.output<Schema>, base: TargetBase, place: TargetPlace): Target;
  /** What its id is without one: the kind, and what tells two of a kind apart. */
  suffix(input: z.output<Schema>): string | undefined;
  /** What can serve one certificate only, by field: two declarations must not name the same. */
  exclusive(target: Target): Readonly<Record<string, readonly string[]>>;
  /** What the family's Lambda may do to these targets in the stack's own account. */
  grants(scope: Construct, targets: readonly Target[]): readonly Grant[];
};

/** Types a descriptor by its target and its schema: `describeTarget<AcmTarget>()({ ... })`. */
export function describeTarget<Target extends TargetDeclaration>() {
  return <Schema extends z.ZodType>(descriptor: TargetDescriptor<Target, Schema>): TargetDescriptor<Target, Schema> =>
    descriptor;
}
