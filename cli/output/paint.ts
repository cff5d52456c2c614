import pc from 'picocolors';

/** Colours, or none of them. */
export type Paint = ReturnType<typeof pc.createColors>;

/** Colours only for a terminal, and not where people asked for none (https://no-color.org). */
export function paintFor(stream: { readonly isTTY?: boolean }, env: NodeJS.ProcessEnv): Paint {
  return pc.createColors(stream.isTTY === true && !env.NO_COLOR && env.TERM !== 'dumb');
}
