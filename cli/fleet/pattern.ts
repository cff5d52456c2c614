/** Something that several attempts have in common, and that one alone would not show. */
export type Pattern = {
  readonly kind: 'shared-problem' | 'slow-zone' | 'bad-hours' | 'shrinking-margin';
  /** What was found, in one or two sentences that name the evidence. */
  readonly words: string;
  readonly remedy: string;
  /** Sorted. */
  readonly certificates: readonly string[];
};

/** Some of many names, for a sentence. */
export function named(names: readonly string[], most = 5): string {
  const first = names.slice(0, most).join(', ');
  return names.length <= most ? first : `${first} and ${names.length - most} more`;
}
