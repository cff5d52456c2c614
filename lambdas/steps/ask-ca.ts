import { renewalInfoUrlOf } from '../acme/directory.ts';
import { AcmeError } from '../acme/error.ts';
import type { RenewalInfoReader } from '../acme/renewal-info.ts';
import type { AriAnswer } from '../core/ari-answer.ts';
import { judgeAnswer } from '../core/ari-answer.ts';
import type { AriTrouble } from '../core/ari-schedule.ts';
import { isPassing } from '../core/ari-schedule.ts';
import type { CaSettings } from '../core/declaration.ts';
import { readAccount, saveDirectory } from '../store/accounts.ts';
import type { BasePorts } from './ports.ts';

const DAY_MS = 24 * 3_600_000;

/** After so many questions in a row without an answer the rest of a CA's are not asked in this invocation. */
const SILENT_AFTER = 3;

/** What questions need. */
export type QuestionPorts = Pick<BasePorts, 'clock' | 'table'> & { readonly renewalInfo: RenewalInfoReader };

/** Asks about one certificate; never throws for what a CA does. */
export type AskCa = (ca: CaSettings, certId: string, validity: { readonly notAfter: number }) => Promise<AriAnswer>;

/** One CA, as this invocation knows it. */
type Known = { directory?: Promise<string | AriTrouble>; silent: number; trouble?: AriTrouble };

/** The questions of one invocation: a directory is looked up once, and a CA that gives no answers is left alone. */
export function createQuestions(ports: QuestionPorts, deadline: number): AskCa {
  const cas = new Map<string, Known>();
  const knownOf = ({ directoryUrl, accountLabel }: CaSettings): Known => {
    const key = `${directoryUrl} ${accountLabel}`;
    const known = cas.get(key) ?? { silent: 0 };
    cas.set(key, known);
    return known;
  };
  return async (ca, certId, validity) => {
    const known = knownOf(ca);
    known.directory ??= renewalInfoUrl(ports, ca, deadline);
    const url = await known.directory;
    if (typeof url !== 'string') return url;
    if (known.trouble !== undefined) return known.trouble;
    const answer = await question(ports, ca, url, certId, validity, deadline);
    remember(known, answer);
    return answer;
  };
}

async function question(
  { renewalInfo }: QuestionPorts,
  ca: CaSettings,
  url: string,
  certId: string,
  validity: { readonly notAfter: number },
  deadline: number,
): Promise<AriAnswer> {
  try {
    return judgeAnswer(await renewalInfo.ask(ca, url, certId, deadline), validity);
  } catch (error) {
    return troubleOf(error);
  }
}

/** Who asks to be left alone for a while, or does not answer, is not asked for the others either. */
function remember(known: Known, answer: AriAnswer): void {
  if (answer.kind !== 'passing') {
    known.silent = 0;
    return;
  }
  known.silent += 1;
  if (answer.retryAt !== undefined || known.silent >= SILENT_AFTER) known.trouble = answer;
}

/** Where the CA is asked: by its directory as last read, read again once it is a day old. */
async function renewalInfoUrl(
  { table, clock, renewalInfo }: QuestionPorts,
  ca: CaSettings,
  deadline: number,
): Promise<string | AriTrouble> {
  const account = await readAccount(table, { directoryUrl: ca.directoryUrl, label: ca.accountLabel });
  const age = clock.now() - (account?.directoryAt ?? 0);
  const known = renewalInfoUrlOf(account?.directory);
  if (age < DAY_MS) return known ?? unlisted(ca, clock.now());
  try {
    const directory = await renewalInfo.directory(ca, deadline);
    if (account !== undefined) await saveDirectory(table, account, directory, clock.now());
    return renewalInfoUrlOf(directory) ?? unlisted(ca, clock.now());
  } catch (error) {
    return known ?? troubleOf(error);
  }
}

/** Looked at again when the directory is read again. */
function unlisted({ name }: CaSettings, now: number): AriTrouble {
  return { kind: 'lasting', message: `the directory of ${name} lists no renewalInfo`, retryAt: now + DAY_MS };
}

function troubleOf(error: unknown): AriTrouble {
  if (!(error instanceof AcmeError)) throw error;
  const { status, retryAt } = error.answer;
  return {
    kind: isPassing(status) ? 'passing' : 'lasting',
    message: error.message,
    ...(retryAt === undefined ? {} : { retryAt }),
  };
}
