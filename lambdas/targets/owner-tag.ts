/**
 * Tag of what is ours; its value is `<table>/<certificate>/<target>`: two stacks of an account may each have a certificate of
 * one name, and the table outlives its stack.
 */
export const OWNER_TAG = 'perennial:certificate';
