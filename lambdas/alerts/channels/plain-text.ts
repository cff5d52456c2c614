import type { Alert } from '../../core/alert.ts';
import { CUT, cutBytes } from '../cut.ts';
import { footerOf } from './text.ts';

/**
 * Subject, body and footer as plain text of at most so many bytes; the body is cut first, so that the message can still be
 * told from others.
 */
export function plainText(alert: Alert, longestBytes: number): string {
  const head = cutBytes(alert.subject, Math.floor(longestBytes / 4));
  const foot = cutBytes(footerOf(alert), Math.floor(longestBytes / 4));
  const around = Buffer.byteLength(`${head}\n\n\n\n${foot}`) + CUT.length;
  return `${head}\n\n${cutBytes(alert.body, longestBytes - around)}\n\n${foot}`;
}
