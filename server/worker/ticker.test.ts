import { setTimeout as delay, setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { recordingLogger } from '../testing/logger.ts';
import { Ticker } from './ticker.ts';

/** Longer than any test: what happens in the meantime happens because of a poke. */
const NEVER_MS = 3_600_000;

let log: ReturnType<typeof recordingLogger>;
let ticker: Ticker;
beforeEach(() => {
  log = recordingLogger();
});
afterEach(() => ticker.stop());

/** A duty whose runs a test lets go one by one; `most` is how many ever ran at once. */
function heldDuty() {
  const letGo: (() => void)[] = [];
  const runs = { begun: 0, ended: 0, most: 0 };
  const duty = async () => {
    runs.begun += 1;
    runs.most = Math.max(runs.most, runs.begun - runs.ended);
    await new Promise<void>((resolve) => letGo.push(resolve));
    runs.ended += 1;
  };
  /** Ends the run that is on. Everything that follows from it without time passing has happened then. */
  const end = async () => {
    letGo.shift()?.();
    await setImmediate();
  };
  return { duty, runs, end };
}
function start(duty: () => Promise<void>, everyMs = NEVER_MS): Ticker {
  ticker = new Ticker('chores', everyMs, duty, log.logger);
  ticker.start();
  return ticker;
}

describe('a duty', () => {
  it('runs at once, and again as time passes', async () => {
    let runs = 0;
    start(async () => {
      runs += 1;
    }, 1);
    expect(runs).toBe(1);
    await vi.waitFor(() => expect(runs).toBeGreaterThan(3), 5_000);
  });

  it('never overlaps itself, neither by time nor by pokes; all pokes of one run are one more run', async () => {
    const { duty, runs, end } = heldDuty();
    start(duty);
    for (let poke = 0; poke < 5; poke += 1) {
      ticker.poke();
      await setImmediate();
    }
    expect(runs).toEqual({ begun: 1, ended: 0, most: 1 });
    await end();
    expect(runs).toEqual({ begun: 2, ended: 1, most: 1 });
    await end();
    expect(runs).toEqual({ begun: 2, ended: 2, most: 1 });
  });

  it('sleeps until it is poked, and runs at once then', async () => {
    const { duty, runs, end } = heldDuty();
    start(duty);
    await end();
    for (let round = 2; round <= 4; round += 1) {
      ticker.poke();
      await setImmediate();
      expect(runs.begun).toBe(round);
      await end();
    }
  });

  it('runs again after a poke at whatever moment between its end and its sleep', async () => {
    for (let microtasks = 0; microtasks < 12; microtasks += 1) {
      let runs = 0;
      const late = async () => {
        for (let each = 0; each < microtasks; each += 1) await undefined;
        ticker.poke();
      };
      start(async () => {
        runs += 1;
        if (runs === 1) void late();
      });
      await setImmediate();
      expect(runs, `poked after ${microtasks} microtasks`).toBe(2);
      await ticker.stop();
    }
  });

  it('that fails is logged by name with its cause, and tried again', async () => {
    let runs = 0;
    start(async () => {
      runs += 1;
      if (runs < 3) throw new Error(`failure ${runs}`);
    }, 1);
    await vi.waitFor(() => expect(runs).toBeGreaterThan(3), 5_000);
    expect(log.lines.map(({ level, duty, err }) => [level, duty, err?.message])).toEqual([
      ['error', 'chores', 'failure 1'],
      ['error', 'chores', 'failure 2'],
    ]);
  });

  it('that fails while poked runs again at once', async () => {
    let runs = 0;
    start(async () => {
      runs += 1;
      if (runs > 1) return;
      ticker.poke();
      throw new Error('once');
    });
    await setImmediate();
    expect(runs).toBe(2);
  });
});

describe('a duty with a rest', () => {
  it('runs at once when it has rested, and else when it has, once for all pokes', async () => {
    const { duty, runs, end } = heldDuty();
    ticker = new Ticker('chores', NEVER_MS, duty, log.logger, 50);
    ticker.start();
    await end();
    await delay(100);
    ticker.poke();
    await setImmediate();
    expect(runs.begun).toBe(2);
    for (let poke = 0; poke < 5; poke += 1) ticker.poke();
    await end();
    ticker.poke();
    await setImmediate();
    expect(runs.begun).toBe(2);
    await vi.waitFor(() => expect(runs.begun).toBe(3), 5_000);
    await end();
  });

  it.each([
    ['pokes without end do not keep it busy for ever', NEVER_MS, () => ticker.poke()],
    ['it comes no sooner by time', 1, () => undefined],
  ])('that took long rests in proportion: %s', async (_, everyMs, meanwhile) => {
    const moments: { begun: number; ended: number }[] = [];
    ticker = new Ticker(
      'chores',
      everyMs,
      async () => {
        const begun = performance.now();
        meanwhile();
        await delay(60);
        moments.push({ begun, ended: performance.now() });
      },
      log.logger,
      1,
    );
    ticker.start();
    await vi.waitFor(() => expect(moments.length).toBeGreaterThan(1), 5_000);
    const [first, second] = moments;
    const tookMs = (first?.ended ?? 0) - (first?.begun ?? 0);
    expect((second?.begun ?? 0) - (first?.ended ?? 0)).toBeGreaterThan(8 * tookMs);
  });

  it('is not waited for when it stops', async () => {
    const { duty, runs, end } = heldDuty();
    ticker = new Ticker('chores', NEVER_MS, duty, log.logger, NEVER_MS);
    ticker.start();
    ticker.poke();
    await end();
    await ticker.stop();
    expect(runs.begun).toBe(1);
  });
});

describe('stopping', () => {
  it('waits for the run that is on, which is the last one even when poked', async () => {
    const { duty, runs, end } = heldDuty();
    start(duty);
    let isStopped = false;
    const stopped = ticker.stop().then(() => {
      isStopped = true;
    });
    ticker.poke();
    await setImmediate();
    expect(isStopped).toBe(false);
    await end();
    await stopped;
    ticker.poke();
    await setImmediate();
    expect(runs).toEqual({ begun: 1, ended: 1, most: 1 });
  });

  it('ends a sleep at once, twice as well as once, and needs no start', async () => {
    const { duty, end } = heldDuty();
    start(duty);
    await end();
    await Promise.all([ticker.stop(), ticker.stop()]);
    await new Ticker('idle', NEVER_MS, duty, log.logger).stop();
    expect(log.lines).toEqual([]);
  });
});
