/** Stands where something was cut off. */
export const CUT = '...';

/** A text of at most so many characters, as JavaScript counts them; a surrogate pair is never halved. */
export function cutText(text: string, longest: number): string {
  if (text.length <= longest) return text;
  return text.slice(0, longest - CUT.length).replace(/[\ud800-\udbff]$/, '') + CUT;
}

/** A text of at most so many bytes of UTF-8 before the mark of the cut; a character cut in two is left out. */
export function cutBytes(text: string, longest: number): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= longest) return text;
  return new TextDecoder().decode(bytes.subarray(0, longest), { stream: true }) + CUT;
}

/** What `render` makes of as much of a text as fits into so many bytes of JSON. Gives up at an empty text. */
export function fitJson<Rendered>(text: string, longestBytes: number, render: (text: string) => Rendered): Rendered {
  let [fitting, length] = [render(text), text.length];
  while (Buffer.byteLength(JSON.stringify(fitting)) > longestBytes && length > CUT.length) {
    length = Math.floor(length * 0.8);
    fitting = render(cutText(text, length));
  }
  return fitting;
}
