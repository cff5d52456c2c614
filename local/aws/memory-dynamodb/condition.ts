import { type Path, Tokens, valueAt } from './tokens.ts';
import { type Attributes, type AttributeValue, invalid, order, same } from './values.ts';

/** A condition, filter or key condition on one item; no item is one without attributes. */
export type Test = (item: Attributes) => boolean;

type Operand = (item: Attributes) => AttributeValue | undefined;

const ORDERS: Readonly<Record<string, (order: number) => boolean>> = {
  '<': (by) => by < 0,
  '<=': (by) => by <= 0,
  '>': (by) => by > 0,
  '>=': (by) => by >= 0,
};

/**
 * Reads a condition expression, as far as the store writes them.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.OperatorsAndFunctions.html
 */
export function readCondition(text: string, placeholders: Tokens['placeholders']): Test {
  const tokens = new Tokens(text, placeholders);
  const test = readOr(tokens);
  if (!tokens.isAtEnd) {
    tokens.next();
    throw tokens.error();
  }
  return test;
}

function readOr(tokens: Tokens): Test {
  const parts = [readAnd(tokens)];
  while (tokens.take('OR')) parts.push(readAnd(tokens));
  return (item) => parts.some((part) => part(item));
}

function readAnd(tokens: Tokens): Test {
  const parts = [readNot(tokens)];
  while (tokens.take('AND')) parts.push(readNot(tokens));
  return (item) => parts.every((part) => part(item));
}

function readNot(tokens: Tokens): Test {
  if (!tokens.take('NOT')) return readTest(tokens);
  const negated = readNot(tokens);
  return (item) => !negated(item);
}

/** One test, in parentheses or bare. */
export function readTest(tokens: Tokens): Test {
  if (tokens.take('(')) {
    const inner = readOr(tokens);
    tokens.expect(')');
    return inner;
  }
  return tokens.peek(1) === '(' ? readFunction(tokens) : readComparison(tokens);
}

function readFunction(tokens: Tokens): Test {
  const name = tokens.next();
  tokens.expect('(');
  const path = tokens.path();
  const test = functionTest(name, path, tokens);
  tokens.expect(')');
  return test;
}

function functionTest(name: string, path: Path, tokens: Tokens): Test {
  switch (name) {
    case 'attribute_exists':
      return (item) => valueAt(item, path) !== undefined;
    case 'attribute_not_exists':
      return (item) => valueAt(item, path) === undefined;
    case 'begins_with': {
      tokens.expect(',');
      const prefix = tokens.value();
      if (!('S' in prefix)) throw invalid('Invalid operand type for begins_with');
      return (item) => {
        const value = valueAt(item, path);
        return value !== undefined && 'S' in value && value.S.startsWith(prefix.S);
      };
    }
    default:
      throw new Error(`This table does not know the function ${name}; add it with its rules.`);
  }
}

function readComparison(tokens: Tokens): Test {
  const left = readOperand(tokens);
  if (tokens.take('BETWEEN')) {
    const low = readOperand(tokens);
    tokens.expect('AND');
    const high = readOperand(tokens);
    return (item) => ordered(item, left, low, '>=') && ordered(item, left, high, '<=');
  }
  const operator = tokens.next();
  const right = readOperand(tokens);
  if (operator === '=') return (item) => equal(item, left, right);
  if (operator === '<>') return (item) => !equal(item, left, right);
  if (!(operator in ORDERS)) throw tokens.error();
  return (item) => ordered(item, left, right, operator);
}

function readOperand(tokens: Tokens): Operand {
  if (tokens.peek().startsWith(':')) {
    const value = tokens.value();
    return () => value;
  }
  const path = tokens.path();
  return (item) => valueAt(item, path);
}

/** An attribute that is not there equals nothing, so `<>` holds of it. */
function equal(item: Attributes, left: Operand, right: Operand): boolean {
  const [one, other] = [left(item), right(item)];
  return one !== undefined && other !== undefined && same(one, other);
}

function ordered(item: Attributes, left: Operand, right: Operand, operator: string): boolean {
  const [one, other] = [left(item), right(item)];
  if (one === undefined || other === undefined) return false;
  const by = order(one, other);
  return by !== undefined && ORDERS[operator]?.(by) === true;
}
