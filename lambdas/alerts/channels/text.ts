import type { Alert } from '../../core/alert.ts';

/** A piece of a text: words, or a link that stands for itself. */
export type Piece = { readonly text: string; readonly url?: string };

const LINK = /https?:\/\/[^\s<>"']+[^\s<>"'.,;:!?)\]}]/g;

/** A text cut where links begin and end, so that a markup of elements needs no escaping. */
export function piecesOf(text: string): readonly Piece[] {
  const pieces: Piece[] = [];
  let from = 0;
  for (const { 0: url, index } of text.matchAll(LINK)) {
    if (index > from) pieces.push({ text: text.slice(from, index) });
    pieces.push({ text: url, url });
    from = index + url.length;
  }
  if (from < text.length) pieces.push({ text: text.slice(from) });
  return pieces;
}

/** Names the message, so that one that was told twice is known. */
export function footerOf({ certificate, id }: Alert): string {
  return `Certificate: ${certificate}\nMessage: ${id}`;
}

/** The three characters that Slack and HTML give a meaning to. */
export function escapeAngles(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
