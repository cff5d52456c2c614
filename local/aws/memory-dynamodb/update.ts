import { type Path, Tokens, valueAt } from './tokens.ts';
import { type Attributes, type AttributeValue, invalid } from './values.ts';

type Source = (item: Attributes) => AttributeValue;
type Action = { readonly path: Path; readonly source?: Source };

/** Makes the item that an update leaves; all its sources see the item as it was. */
export type Update = (item: Attributes) => Attributes;

const CLAUSES = ['SET', 'REMOVE'];

/**
 * Reads an update expression, as far as the store writes them: SET and REMOVE.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.UpdateExpressions.html
 */
export function readUpdate(text: string, placeholders: Tokens['placeholders'], keyNames: readonly string[]): Update {
  const tokens = new Tokens(text, placeholders);
  const actions: Action[] = [];
  const seen = new Set<string>();
  while (!tokens.isAtEnd) {
    const clause = tokens.next().toUpperCase();
    if (!CLAUSES.includes(clause))
      throw new Error(`This table does not know the clause ${clause}; add it with its rules.`);
    if (seen.has(clause)) throw invalid(`The "${clause}" section can only be used once in an update expression;`);
    seen.add(clause);
    do actions.push(clause === 'SET' ? readSet(tokens) : { path: tokens.path() });
    while (tokens.take(','));
  }
  if (actions.length === 0) throw invalid('Invalid UpdateExpression: The expression can not be empty;');
  checkPaths(actions, keyNames);
  return (item) => actions.reduce((result, { path, source }) => change(result, path, source?.(item)), item);
}

function readSet(tokens: Tokens): Action {
  const path = tokens.path();
  tokens.expect('=');
  return { path, source: readSource(tokens) };
}

function readSource(tokens: Tokens): Source {
  const first = readTerm(tokens);
  const sign = tokens.take('+') ? 1 : tokens.take('-') ? -1 : 0;
  if (sign === 0) return first;
  const second = readTerm(tokens);
  return (item) => ({ N: String(numberOf(first(item)) + sign * numberOf(second(item))) });
}

function readTerm(tokens: Tokens): Source {
  if (tokens.peek().startsWith(':')) {
    const value = tokens.value();
    return () => value;
  }
  if (tokens.peek(1) === '(') return readFunction(tokens);
  const path = tokens.path();
  return (item) => valueAt(item, path) ?? missing();
}

function readFunction(tokens: Tokens): Source {
  const name = tokens.next();
  tokens.expect('(');
  if (name === 'if_not_exists') return readIfNotExists(tokens);
  if (name === 'list_append') return readListAppend(tokens);
  throw new Error(`This table does not know the function ${name}; add it with its rules.`);
}

function readListAppend(tokens: Tokens): Source {
  const first = readTerm(tokens);
  tokens.expect(',');
  const second = readTerm(tokens);
  tokens.expect(')');
  return (item) => ({ L: [...listOf(first(item)), ...listOf(second(item))] });
}

function readIfNotExists(tokens: Tokens): Source {
  const path = tokens.path();
  tokens.expect(',');
  const otherwise = readTerm(tokens);
  tokens.expect(')');
  return (item) => valueAt(item, path) ?? otherwise(item);
}

function numberOf(value: AttributeValue): number {
  if ('N' in value) return Number(value.N);
  throw invalid('An operand in the update expression has an incorrect data type');
}

function listOf(value: AttributeValue): readonly AttributeValue[] {
  if ('L' in value) return value.L;
  throw invalid('An operand in the update expression has an incorrect data type');
}

function missing(): never {
  throw invalid('The provided expression refers to an attribute that does not exist in the item');
}

/** No path may be, or lie within, another one, and none may be the key's. */
function checkPaths(actions: readonly Action[], keyNames: readonly string[]): void {
  for (const [at, { path }] of actions.entries()) {
    if (keyNames.includes(path[0] ?? ''))
      throw invalid(`Cannot update attribute ${path[0]}. This attribute is part of the key`);
    const overlaps = actions
      .slice(at + 1)
      .some((other) => path.every((name, deep) => (other.path[deep] ?? name) === name));
    if (overlaps) throw invalid(`Two document paths overlap with each other; path: [${path.join(', ')}]`);
  }
}

/** The item with the value at the path, or without it. The map around it must be there. */
function change(item: Attributes, [name = '', ...deeper]: Path, value: AttributeValue | undefined): Attributes {
  if (deeper.length === 0) {
    const { [name]: _gone, ...rest } = item;
    return value === undefined ? rest : { ...rest, [name]: value };
  }
  const inner = item[name];
  if (inner === undefined || !('M' in inner))
    throw invalid('The document path provided in the update expression is invalid for update');
  return { ...item, [name]: { M: change(inner.M, deeper, value) } };
}
