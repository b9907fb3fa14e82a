import type { Blocked, DryRunDevice } from './dry-run.ts';

/** Devices to which the same happens. */
export type DryRunGroup = {
  /** Tells it from the others of the same plan. */
  key: string;
  devices: DryRunDevice[];
} & (
  | { kind: 'wave'; wave: number }
  | { kind: 'already-there' }
  | { kind: 'incompatible'; code: string; detail: string }
);

/** A dry run, put together for reading. */
export type DryRunSummary = {
  /** Every wave of the plan in its order, also an empty one; then those that are there, then those that cannot, most devices first. */
  groups: DryRunGroup[];
  /** Movers that could not be told now, by the reason; the soonest end of each where a clock knows it. */
  blocked: { code: Blocked['code']; devices: number; until: Date | null }[];
  moving: number;
  totalBytes: number;
  /** What one device fetches at most. */
  deviceBytes: number;
};

/** Groups a dry run's devices by what will happen to them. */
export function groupDryRun(devices: readonly DryRunDevice[], waveCount: number): DryRunSummary {
  const waves: DryRunDevice[][] = Array.from({ length: waveCount }, () => []);
  const there: DryRunDevice[] = [];
  const unfit = new Map<string, Extract<DryRunGroup, { kind: 'incompatible' }>>();
  for (const device of devices) {
    const { verdict } = device;
    if (verdict.kind === 'will-update') waves[verdict.wave]?.push(device);
    else if (verdict.kind === 'already-there') there.push(device);
    else {
      const { code, detail } = verdict.reason;
      const key = `incompatible ${detail}`;
      const group = unfit.get(key) ?? { key, kind: 'incompatible', code, detail, devices: [] };
      group.devices.push(device);
      unfit.set(key, group);
    }
  }
  const movers = waves.flat();
  const bytes = movers.map(({ downloadBytes }) => downloadBytes);
  return {
    groups: [
      ...waves.map((list, wave) => ({ key: `wave ${wave}`, kind: 'wave' as const, wave, devices: list })),
      ...(there.length > 0 ? [{ key: 'already-there', kind: 'already-there' as const, devices: there }] : []),
      ...[...unfit.values()].sort((a, b) => b.devices.length - a.devices.length),
    ],
    blocked: blockedOf(movers),
    moving: movers.length,
    totalBytes: bytes.reduce((sum, each) => sum + each, 0),
    deviceBytes: bytes.reduce((most, each) => Math.max(most, each), 0),
  };
}

function blockedOf(movers: readonly DryRunDevice[]): DryRunSummary['blocked'] {
  const held = movers.flatMap(({ blocked }) => blocked ?? []);
  return [...Map.groupBy(held, ({ code }) => code)]
    .map(([code, all]) => ({
      code,
      devices: all.length,
      until: all.flatMap(({ until }) => until ?? []).reduce<Date | null>(earlier, null),
    }))
    .sort((a, b) => b.devices - a.devices);
}

function earlier(a: Date | null, b: Date): Date {
  return a !== null && a < b ? a : b;
}
