const UNIT_SECONDS = { minute: 60, hour: 3600, day: 86_400 } as const;

/** Seconds of `'15 minutes'`, `'1 hour'`, `'7 days'` or a number of seconds; undefined when it is none of these. */
export function secondsOf(text: string | number): number | undefined {
  if (typeof text === 'number') return text;
  const match = /^(\d+) (minute|hour|day)s?$/.exec(text.trim());
  if (match === null) return undefined;
  return Number(match[1]) * UNIT_SECONDS[match[2] as keyof typeof UNIT_SECONDS];
}
