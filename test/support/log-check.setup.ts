import { afterAll } from 'vitest';
import { LOG_CHECK } from './log-check.ts';

// What is printed is read too: a line that takes another way than the log is a line all the same.
for (const level of ['debug', 'info', 'warn', 'error'] as const) {
  const print = console[level].bind(console);
  console[level] = (...words: unknown[]) => {
    LOG_CHECK.read(words.map(String).join(' '));
    print(...words);
  };
}

afterAll(() => LOG_CHECK.expectClean());
