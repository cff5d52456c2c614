import { isReserved } from './reserved-words.ts';
import { type Attributes, type AttributeValue, checkValue, invalid } from './values.ts';

/** A path to an attribute: names from the item inwards. */
export type Path = readonly string[];

/** What stands for names and values in a request's expressions; each must be used. */
export class Placeholders {
  readonly #names: Readonly<Record<string, string>>;
  readonly #values: Attributes;
  readonly #used = new Set<string>();

  constructor(names: Readonly<Record<string, string>> | undefined, values: Attributes | undefined) {
    if (names !== undefined && Object.keys(names).length === 0)
      throw invalid('ExpressionAttributeNames must not be empty');
    if (values !== undefined && Object.keys(values).length === 0)
      throw invalid('ExpressionAttributeValues must not be empty');
    this.#names = names ?? {};
    this.#values = values ?? {};
    Object.values(this.#values).forEach(checkValue);
  }

  /** One element of a path as written: a placeholder or a name that is not reserved. */
  name(written: string): string {
    if (!written.startsWith('#')) {
      if (isReserved(written)) throw invalid(`Attribute name is a reserved keyword; reserved keyword: ${written}`);
      return written;
    }
    this.#used.add(written);
    const name = this.#names[written];
    if (name === undefined)
      throw invalid(
        `An expression attribute name used in the document path is not defined; attribute name: ${written}`,
      );
    return name;
  }

  value(written: string): AttributeValue {
    this.#used.add(written);
    const value = this.#values[written];
    if (value === undefined)
      throw invalid(`An expression attribute value used in expression is not defined; attribute value: ${written}`);
    return value;
  }

  /** DynamoDB refuses what no expression uses. */
  checkUse(): void {
    const unused = [...Object.keys(this.#names), ...Object.keys(this.#values)].filter((name) => !this.#used.has(name));
    if (unused.length > 0) throw invalid(`Value unused in expressions: keys: {${unused.join(', ')}}`);
  }
}

const TOKEN = /\s*(?:([#:]?[A-Za-z_][A-Za-z0-9_]*|[#:][0-9A-Za-z_]+)|(<=|>=|<>|[=<>(),.+-]))/y;

/** Reads an expression token by token. */
export class Tokens {
  readonly placeholders: Placeholders;
  readonly #text: string;
  readonly #tokens: readonly string[];
  #at = 0;

  constructor(text: string, placeholders: Placeholders) {
    this.#text = text;
    this.#tokens = split(text);
    this.placeholders = placeholders;
  }

  get isAtEnd(): boolean {
    return this.#at === this.#tokens.length;
  }

  peek(ahead = 0): string {
    return this.#tokens[this.#at + ahead] ?? '';
  }

  next(): string {
    const token = this.peek();
    this.#at += 1;
    return token;
  }

  /** Takes the keyword or sign if it is the next token, in any case of letters. */
  take(expected: string): boolean {
    if (this.peek().toUpperCase() !== expected) return false;
    this.#at += 1;
    return true;
  }

  expect(expected: string): void {
    if (!this.take(expected)) throw this.error();
  }

  path(): Path {
    const path: string[] = [];
    do {
      const element = this.next();
      if (!/^[#A-Za-z_]/.test(element)) throw this.error();
      path.push(this.placeholders.name(element));
    } while (this.take('.'));
    return path;
  }

  value(): AttributeValue {
    const written = this.next();
    if (!written.startsWith(':')) throw this.error();
    return this.placeholders.value(written);
  }

  error(): Error {
    return invalid(`Invalid expression: Syntax error; token: "${this.peek(-1)}", in: "${this.#text}"`);
  }
}

function split(text: string): readonly string[] {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  let end = 0;
  for (let match = TOKEN.exec(text); match !== null; match = TOKEN.exec(text)) {
    tokens.push(match[1] ?? match[2] ?? '');
    end = TOKEN.lastIndex;
  }
  if (text.slice(end).trim() !== '') throw invalid(`Invalid expression: Syntax error near "${text.slice(end)}"`);
  return tokens;
}

/** The value at a path; undefined where there is none. */
export function valueAt(item: Attributes, path: Path): AttributeValue | undefined {
  let here: AttributeValue | undefined = { M: item };
  for (const name of path) here = here !== undefined && 'M' in here ? here.M[name] : undefined;
  return here;
}
