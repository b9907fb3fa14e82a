import { type Ack, MAX_IN_FLIGHT } from '@flotilla/protocol';
import type { DeviceAck } from '../ingest/spools.ts';

/** A spool is told of its telemetry so often: acknowledged one by one, windows would cost the broker twice as much. */
export const ACK_REST_MS = 500;

/** Messages after which a device is told sooner, long before it may not go on without. */
const HURRY = Math.ceil(MAX_IN_FLIGHT / 4);

/** What a spool was told last, and what it is to be told when that was long enough ago. */
type Rest = { told: Ack; toldAtMs: number; held: DeviceAck | null };

/** Spools whose rests are remembered. Those beyond are told at once. */
const MAX_RESTING = 50_000;

/**
 * When acknowledgements go: at once to a spool that was told nothing for {@link ACK_REST_MS}, and of events always, because an agent waits
 * for those; else when that time is over, with what came meanwhile. Times are milliseconds of one clock that only goes forward.
 */
export class AckPace {
  /** By spool, the one that was told longest ago first. */
  private readonly resting = new Map<string, Rest>();

  /** Which of these to send now; the others are held. */
  offer(acks: readonly DeviceAck[], nowMs: number): DeviceAck[] {
    return acks.flatMap((each) => {
      const rest = this.resting.get(spoolOf(each));
      const newest = newestOf(rest?.held ?? null, each);
      if (!rest || nowMs - rest.toldAtMs >= ACK_REST_MS || isUrgent(newest.ack, rest.told))
        return [this.told(newest, nowMs)];
      rest.held = newest;
      return [];
    });
  }

  /** Those that were held until now. */
  due(nowMs: number): DeviceAck[] {
    const due: DeviceAck[] = [];
    for (const [spool, { toldAtMs, held }] of this.resting) {
      if (nowMs - toldAtMs < ACK_REST_MS) break;
      this.resting.delete(spool);
      if (held) due.push(this.told(held, nowMs));
    }
    return due;
  }

  /** Is there something to ask {@link due} for, now or later? */
  get isHolding(): boolean {
    return this.resting.size > 0;
  }

  clear(): void {
    this.resting.clear();
  }

  private told(ack: DeviceAck, nowMs: number): DeviceAck {
    const spool = spoolOf(ack);
    this.resting.delete(spool);
    if (this.resting.size < MAX_RESTING) this.resting.set(spool, { told: ack.ack, toldAtMs: nowMs, held: null });
    return ack;
  }
}

export function spoolOf({ deviceId, ack }: DeviceAck): string {
  return `${deviceId}/${ack.boot}`;
}

/** How far a spool is committed only grows, and each kind's transaction sees the other kind as it was before it. */
export function newestOf(earlier: DeviceAck | null, later: DeviceAck): DeviceAck {
  if (!earlier) return later;
  const { boot, telemetrySeq, eventSeq } = later.ack;
  return {
    deviceId: later.deviceId,
    ack: {
      boot,
      telemetrySeq: Math.max(earlier.ack.telemetrySeq, telemetrySeq),
      eventSeq: Math.max(earlier.ack.eventSeq, eventSeq),
    },
  };
}

function isUrgent(ack: Ack, told: Ack): boolean {
  return ack.eventSeq > told.eventSeq || ack.telemetrySeq - told.telemetrySeq >= HURRY;
}
