import { readFile } from 'node:fs/promises';

/** A section of a page in Markdown: what is in its code blocks. */
export interface Section {
  readonly title: string;
  readonly text: string;
  /** Lines of its `sh` blocks: one command each, comments left out. */
  readonly commands: readonly string[];
  /** Its `ts` blocks. */
  readonly snippets: readonly string[];
}

function blocksIn(text: string, language: string): string[] {
  return [...text.matchAll(new RegExp(`^ *\`\`\`${language}\\n([\\s\\S]*?)^ *\`\`\``, 'gm'))].map(
    ([, body = '']) => body,
  );
}

function commandsIn(text: string): string[] {
  const lines = blocksIn(text, 'sh').flatMap((block) => block.split('\n'));
  return lines.map((line) => line.replace(/\s+#.*$/, '').trim()).filter((line) => line !== '');
}

/** The sections of a page, by the headings of its second level. */
export async function sectionsOf(file: URL): Promise<readonly Section[]> {
  const [, ...parts] = (await readFile(file, 'utf8')).split(/^## /m);
  return parts.map((part) => ({
    title: part.slice(0, part.indexOf('\n')),
    text: part,
    commands: commandsIn(part),
    snippets: blocksIn(part, 'ts'),
  }));
}
