import { createPrivateKey, type KeyObject } from 'node:crypto';

/** What no line may hold, whoever made it: name and pattern. */
const PATTERNS: readonly (readonly [string, RegExp])[] = [
  ['the head of a PEM private key', /-----BEGIN [A-Z ]*PRIVATE KEY/],
  ['a PKCS#8 key of an EC curve', /MI(?:GH|G2|HuA|GE)[A-Za-z0-9+/_-]{0,2}AgEAM/],
  ['a PKCS#8 key of RSA', /MII[A-Za-z0-9+/_-]{2}[AQgw]IBADANBgkqhki/],
  ['a PKCS#1 key', /MII[A-Za-z0-9+/_-]{2}[AQgw]IBAAKC/],
  ['a SEC1 key', /MHcCAQEE|MIGkAgEBBD/],
];

/** Three base64url parts, or the header of a flattened JWS alone. */
const JWS_HEADER = /(?<![\w-])(eyJ[\w-]{8,})/g;

/** Any this long part of a key is a leak. Characters. */
const PART = 40;
/** A part of {@link PART} characters holds one of these windows, wherever it begins. */
const STRIDE = 8;
const WINDOW = PART - STRIDE + 1;
/** Base64, base64url or hex, long enough to be a part. */
const RUN = /[A-Za-z0-9+/_-]{40,}/g;
/** Shorter texts, a name or a flag for instance, are not secrets. Characters. */
const SHORTEST_SECRET = 16;

/** Reads log lines and remembers those that hold what they must not. */
export class LogCheck {
  readonly #windows = new Set<string>();
  readonly #secrets = new Set<string>();
  readonly #found: string[] = [];
  /** What may be part of a key, with the first line that has it: a key may be known only after it was logged. */
  readonly #runs = new Map<string, string>();
  #lines = 0;

  /** How many lines were read. */
  get lines(): number {
    return this.#lines;
  }

  /** Remembers a secret: a key's DER, a key's PEM, or a text, of JSON each text in it. */
  readonly know = (secret: Uint8Array | string): void => {
    const texts = typeof secret === 'string' ? textsIn(secret) : [];
    if (typeof secret !== 'string') this.#knowKey(createPrivateKey(pkcs8(secret)));
    for (const text of texts) {
      if (text.includes('PRIVATE KEY-----')) this.#knowKey(createPrivateKey(text));
      else if (text.length >= SHORTEST_SECRET && !text.includes('-----BEGIN')) this.#secrets.add(text);
    }
  };

  /** Reads a line. A text must be known before; a key may become so until the end. */
  readonly read = (line: string): void => {
    this.#lines += 1;
    const why = this.#reasonOf(line);
    if (why !== undefined) this.#found.push(`${why}: ${line}`);
    for (const [run] of line.matchAll(RUN)) if (!this.#runs.has(run)) this.#runs.set(run, line);
  };

  /** @throws Error that shows each line with a secret in it, and forgets all that it knows. */
  expectClean(): void {
    const keyed = [...this.#runs]
      .filter(([run]) => this.#holdsKey(run))
      .map(([, line]) => `part of a private key: ${line}`);
    const found = [...this.#found.splice(0), ...keyed];
    for (const known of [this.#runs, this.#windows, this.#secrets]) known.clear();
    if (found.length > 0) throw new Error(`log lines hold secrets:\n${found.join('\n')}`);
  }

  #reasonOf(line: string): string | undefined {
    const pattern = PATTERNS.find(([, found]) => found.test(line));
    if (pattern !== undefined) return pattern[0];
    if ([...line.matchAll(JWS_HEADER)].some(([, part = '']) => isJwsHeader(part))) return 'a JWS';
    if ([...this.#secrets].some((secret) => line.includes(secret))) return 'a secret of this suite';
    return undefined;
  }

  #holdsKey(run: string): boolean {
    for (let at = 0; at + WINDOW <= run.length; at += 1) if (this.#windows.has(run.slice(at, at + WINDOW))) return true;
    return false;
  }

  #knowKey(key: KeyObject): void {
    for (const form of formsOf(key)) {
      for (let at = 0; at + WINDOW <= form.length; at += STRIDE) this.#windows.add(form.slice(at, at + WINDOW));
    }
  }
}

/** How a key's bytes may be written: DER in base64 or hex, and the private number of a JWK. */
function formsOf(key: KeyObject): readonly string[] {
  const other = key.asymmetricKeyType === 'rsa' ? 'pkcs1' : 'sec1';
  const ders = (['pkcs8', other] as const).map((type) => key.export({ type, format: 'der' }));
  const { d = '' } = key.export({ format: 'jwk' });
  return [...ders.flatMap((der) => [der.toString('base64'), der.toString('base64url'), der.toString('hex')]), d];
}

function pkcs8(der: Uint8Array) {
  return { key: Buffer.from(der), format: 'der', type: 'pkcs8' } as const;
}

function isJwsHeader(part: string): boolean {
  return Buffer.from(part, 'base64url').toString('latin1').includes('"alg"');
}

function textsIn(text: string): readonly string[] {
  try {
    return leaves(JSON.parse(text)).filter((leaf) => leaf !== '');
  } catch {
    return [text];
  }
}

function leaves(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(leaves) : [];
}

/** Of the present test file, which ends by {@link LogCheck.expectClean}: `log-check.setup.ts`. */
export const LOG_CHECK = new LogCheck();

/** Options of an embedded account whose lines are checked; `onLog` sees them too. */
export function checkedLogs(options: { readonly onLog?: (line: string) => void } = {}): {
  readonly onLog: (line: string) => void;
  readonly onSecret: (secret: Uint8Array | string) => void;
} {
  return {
    onLog: (line) => {
      LOG_CHECK.read(line);
      options.onLog?.(line);
    },
    onSecret: LOG_CHECK.know,
  };
}
