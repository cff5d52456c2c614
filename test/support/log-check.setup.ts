import { afterAll } from 'vitest';
import { LOG_CHECK } from './log-check.ts';

const LEVELS = ['debug', 'info', 'warn', 'error'] as const;
const printing = LEVELS.map((level) => [level, console[level]] as const);

// What is printed is read too: a line that takes another way than the log is a line all the same.
for (const [level, print] of printing) {
  console[level] = (...words: unknown[]) => {
    LOG_CHECK.read(words.map(String).join(' '));
    print.apply(console, words);
  };
}

afterAll(() => {
  for (const [level, print] of printing) console[level] = print;
  LOG_CHECK.expectClean();
});
