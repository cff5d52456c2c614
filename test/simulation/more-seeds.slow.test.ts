import { it } from 'vitest';
import { expectSound } from './expect-sound.ts';

// A file of its own, so that two cores play at the same time.
it('A simulation of another 100 seeds of faults breaks no oracle', () => expectSound(101, 100), 600_000);
