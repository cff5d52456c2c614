import { describe, expect, it } from 'vitest';
import { Story } from '../../../local/demo/story.ts';

const ESCAPE = '\x1b';

function storyOn(terminal: boolean): { story: Story; told: () => string } {
  const written: string[] = [];
  const write = (text: string): void => void written.push(text);
  return { story: new Story({ write, isTerminal: terminal, colours: terminal }), told: () => written.join('') };
}

describe('a story', () => {
  it('tells scenes that are played side by side one after the other', () => {
    const { story, told } = storyOn(false);
    const [first, second] = [story.page('first'), story.page('second')];
    second.act('two');
    first.act('one');
    second.end();
    expect(told()).not.toContain('two');
    first.act('one more');
    first.end();
    const order = ['first', 'one', 'one more', 'second', 'two'].map((text) => told().indexOf(text));
    expect(order).toEqual([...order].sort((a, b) => a - b));
    expect(order).not.toContain(-1);
  });

  it('tells of a false claim what was expected and what was seen', () => {
    const { story, told } = storyOn(false);
    story.page('scene').claim('one finalize was sent', 1, 2);
    expect(told()).toMatch(/✗ one finalize was sent\n +expected +1\n +seen +2\n/);
    expect(story.claims.failures).toHaveLength(1);
  });

  it('has colours and hints on a terminal alone', () => {
    const [plain, coloured] = [storyOn(false), storyOn(true)];
    for (const { story } of [plain, coloured]) {
      story.hint('a moment');
      story.page('scene').claim('true', 1, 1);
    }
    for (const sign of [ESCAPE, 'a moment', '\r']) expect(plain.told()).not.toContain(sign);
    for (const sign of [`${ESCAPE}[32m✓`, 'a moment']) expect(coloured.told()).toContain(sign);
  });
});
