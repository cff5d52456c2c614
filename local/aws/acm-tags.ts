import type { Tag } from '@aws-sdk/client-acm';
import { AwsFault } from './fault.ts';

// https://docs.aws.amazon.com/acm/latest/APIReference/API_Tag.html
const LONGEST_KEY = 128;
const LONGEST_VALUE = 256;
const ALLOWED = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;
// https://docs.aws.amazon.com/acm/latest/userguide/tags-restrictions.html
const MOST_TAGS = 50;

/** A certificate's tags after `added` is put over them; refuses what ACM refuses. */
export function mergeTags(
  held: Readonly<Record<string, string>>,
  added: readonly Tag[],
): Readonly<Record<string, string>> {
  if (added.length === 0) throw new AwsFault('ValidationException', 'Tags, where given, must hold at least one tag.');
  const keys = new Set(added.map((tag) => tag.Key));
  if (keys.size < added.length) throw new AwsFault('InvalidParameterException', 'Tags must not repeat a key.');
  const merged = { ...held, ...Object.fromEntries(added.map(checkedTag)) };
  if (Object.keys(merged).length > MOST_TAGS) {
    throw new AwsFault('TooManyTagsException', `A certificate has at most ${MOST_TAGS} tags.`);
  }
  return merged;
}

/** Tags as ACM returns them. */
export function listTags(tags: Readonly<Record<string, string>>): Tag[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}

function checkedTag(tag: Tag): [string, string] {
  const key = tag.Key ?? '';
  const value = tag.Value ?? '';
  if (/^aws:/i.test(key)) throw new AwsFault('InvalidTagException', `Tag key ${key} begins with the reserved aws:.`);
  if (key.length < 1 || key.length > LONGEST_KEY || !ALLOWED.test(key)) {
    throw new AwsFault(
      'ValidationException',
      `Tag key "${key}" must have 1 to ${LONGEST_KEY} of the allowed characters.`,
    );
  }
  if (value.length > LONGEST_VALUE || !ALLOWED.test(value)) {
    throw new AwsFault(
      'ValidationException',
      `Tag value "${value}" must have at most ${LONGEST_VALUE} of the allowed characters.`,
    );
  }
  return [key, value];
}
