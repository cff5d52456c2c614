/** What a demo has shown, for machines: the last line of `--json`. */
export type DemoReport = {
  readonly ok: boolean;
  /** As in `pebble 2.10.1`. */
  readonly ca: string;
  /** `embedded`, or the emulated account's version. */
  readonly account: string;
  readonly certificates: readonly ReportedCertificate[];
  /** Requests as the CA got them, refused and repeated ones included. */
  readonly acme: {
    readonly requests: number;
    readonly byKind: Readonly<Record<string, number>>;
    /** In the embedded account what the CA granted of them, in the deployed one what was sent. */
    readonly newOrders: number;
    readonly finalizes: number;
  };
  /** Of the longest execution of each machine. */
  readonly transitions: Readonly<Record<'renewal' | 'push' | 'sweep', number>>;
  readonly seconds: number;
};

/** A certificate at the demo's end. */
export type ReportedCertificate = {
  readonly name: string;
  readonly domains: readonly string[];
  readonly versions: number;
  /** SHA-256 of the leaf that the table calls current, lower-case hex. */
  readonly fingerprint: string;
  /** SHA-256 of the leaf that the edge shows; empty where it shows none, or several. */
  readonly servedFingerprint: string;
  readonly notAfter: string;
};
