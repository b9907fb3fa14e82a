import { mock } from 'node:test';

/** A step of the clock, and how often the event loop turns before the next: work of the present comes before time. */
const STEP_MS = 100;
const TURNS_PER_STEP = 8;

/** Longer than the penalty box: what has not happened by then never will. */
const GIVE_UP_AFTER_MS = 3 * 86_400_000;

/** Beyond this only far deadlines are left, and the clock takes longer steps. */
const SMALL_STEPS = 900;
const LONG_STEP_MS = 600_000;

/** Signatures are checked on threads of their own, in real time: now and then virtual time waits a little for them. */
const STEPS_PER_REST = 10;
const REST_MS = 1;
const LAST_REST_MS = 1_000;
const realSetTimeout = setTimeout;
const rest = (ms: number) => new Promise((resolve) => void realSetTimeout(resolve, ms));

let startMs = Date.UTC(2026, 0, 1);

/** A clock of its own from here on; timers of earlier points are gone, like the process that had set them. */
export function freshTime(): void {
  mock.timers.reset();
  startMs += 1000;
  mock.timers.enable({ apis: ['setTimeout', 'setInterval', 'Date'], now: startMs });
}

export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Lets time pass until `look` is true; false when it never came true within `withinMs`. */
export async function pass(look: () => boolean, withinMs = GIVE_UP_AFTER_MS): Promise<boolean> {
  const untilMs = Date.now() + withinMs;
  for (let step = 0; ; step++) {
    for (let n = 0; n < TURNS_PER_STEP; n++) {
      if (look()) return true;
      await turn();
    }
    if (Date.now() >= untilMs) {
      await rest(LAST_REST_MS);
      return look();
    }
    if (step % STEPS_PER_REST === 0 || step >= SMALL_STEPS) await rest(REST_MS);
    mock.timers.tick(step < SMALL_STEPS ? STEP_MS : LONG_STEP_MS);
  }
}
