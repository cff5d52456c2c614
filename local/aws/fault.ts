/**
 * What a fake AWS account refuses with. The seam turns it into the exception that the real SDK client throws for this code;
 * anything else that an account throws is a defect of the account or of its caller.
 */
export class AwsFault extends Error {
  /** AWS error code, e.g. `InvalidChangeBatch`. */
  readonly code: string;
  /** HTTP status AWS sends with it. */
  readonly status: number;

  constructor(code: string, message: string, status = 400) {
    super(message);
    this.name = code;
    this.code = code;
    this.status = status;
  }
}
