/** A role in another account, as AWS wants it assumed. */
export type AssumableRole = {
  readonly roleArn: string;
  /** What the role's trust policy asks for; no secret. https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create_for-user_externalid.html */
  readonly externalId?: string;
};

/** A hosted zone of Route 53 that the configuration declares. */
export type DeclaredZone = {
  /** Lower-case A-labels, without a trailing dot. */
  readonly name: string;
  /** Without `/hostedzone/`. */
  readonly zoneId: string;
  /** In whose name it is read and written; this account's own when absent. */
  readonly role?: AssumableRole;
};

/** Where challenges may be published. */
export type DeclaredZones = {
  readonly zones: readonly DeclaredZone[];
  /** Every challenge lies in one of them, so no other zone is looked for. */
  readonly only: boolean;
};

/** Nothing declared: the zones of the account are found by themselves. */
export const NO_DECLARED_ZONES: DeclaredZones = { zones: [], only: false };
