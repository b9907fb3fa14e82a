import type { WindowRow } from '../../db/ingest/windows.ts';
import { wireToBytes } from '../../domain/telemetry/sketch-bytes.ts';
import { windowVariants } from '../windows.ts';

export const DAY_MS = 86_400_000;

const VERSION = '0197f000-0000-7000-8000-0000000000b0';

/** Days on which each device has as many windows. `firstSeq` is the number of the first; those of a `boot` never come again. */
export type DaysOf = {
  organizationId: string;
  deviceIds: readonly string[];
  boot: string;
  startMs: number;
  perDeviceDay: number;
  firstSeq: number;
};

/** The windows of such days, numbered in the order in which a fleet sends them: devices take turns. */
export class Days {
  /** Windows of a day. */
  readonly length: number;
  private readonly of: DaysOf;
  private readonly variants = windowVariants().map((window) => ({
    window,
    latency: wireToBytes(window.latencyMs.run),
  }));

  constructor(of: DaysOf) {
    this.of = of;
    this.length = of.perDeviceDay * of.deviceIds.length;
  }

  row(n: number): WindowRow {
    const { organizationId, deviceIds, boot, startMs, perDeviceDay, firstSeq } = this.of;
    const [day, ofDay] = [Math.floor(n / this.length), n % this.length];
    const [turn, device] = [Math.floor(ofDay / deviceIds.length), ofDay % deviceIds.length];
    const variant = this.variants[(ofDay * 7 + device) % this.variants.length];
    const deviceId = deviceIds[device];
    if (!variant || !deviceId) throw new Error('there are variants and devices');
    const startAt = new Date(startMs + day * DAY_MS + Math.floor((turn * DAY_MS) / perDeviceDay));
    return {
      organizationId,
      deviceId,
      boot,
      seq: firstSeq + n,
      position: 0,
      startAt,
      receivedAt: startAt,
      window: variant.window,
      latency: variant.latency,
      versionId: VERSION,
    };
  }

  /** A day's windows in parts of about `size`, each of some devices and whole: rollups are made of what a device says. */
  *byDevices(day: number, size: number): Generator<WindowRow[]> {
    const { deviceIds, perDeviceDay } = this.of;
    const together = Math.max(1, Math.floor(size / perDeviceDay));
    for (let from = 0; from < deviceIds.length; from += together) {
      const count = Math.min(together, deviceIds.length - from);
      yield Array.from({ length: count * perDeviceDay }, (_, at) => {
        const [device, turn] = [from + Math.floor(at / perDeviceDay), at % perDeviceDay];
        return this.row(day * this.length + turn * deviceIds.length + device);
      });
    }
  }
}
