import type { CaAnswer } from './wire.ts';
import type { World } from './world.ts';

/** A Retry-After header in the form set, or nothing for 0 seconds (RFC 9110 section 10.2.3). */
export function retryAfter(world: World, seconds: number): CaAnswer['headers'] {
  if (seconds <= 0) return {};
  const { form } = world.settings.retryAfter;
  const asDate = form === 'date' || (form === 'either' && world.clock.random() < 0.5);
  return { 'Retry-After': asDate ? new Date(world.clock.now() + seconds * 1000).toUTCString() : String(seconds) };
}
