import type { DryRunDevice } from '@/server/domain/rollout/dry-run.ts';

/** A dry run, put together for reading. */
export type DryRunGroups = {
  /** Devices of each wave of the plan, in its order; a wave may be empty. */
  waves: DryRunDevice[][];
  alreadyThere: DryRunDevice[];
  /** Devices that cannot run the release, by the reason. */
  incompatible: { code: string; detail: string; devices: DryRunDevice[] }[];
  moving: number;
  /** Movers that cannot be reached now. */
  dark: number;
  totalBytes: number;
  /** What one device fetches at most. */
  deviceBytes: number;
};

/** Groups a dry run's devices by what will happen to them. */
export function groupDryRun(devices: readonly DryRunDevice[], waveCount: number): DryRunGroups {
  const waves: DryRunDevice[][] = Array.from({ length: waveCount }, () => []);
  const alreadyThere: DryRunDevice[] = [];
  const incompatible = new Map<string, DryRunGroups['incompatible'][number]>();
  for (const device of devices) {
    const { verdict } = device;
    if (verdict.kind === 'will-update') waves[verdict.wave]?.push(device);
    else if (verdict.kind === 'already-there') alreadyThere.push(device);
    else {
      const { code, detail } = verdict.reason;
      const group = incompatible.get(detail) ?? { code, detail, devices: [] };
      group.devices.push(device);
      incompatible.set(detail, group);
    }
  }
  const movers = waves.flat();
  return {
    waves,
    alreadyThere,
    incompatible: [...incompatible.values()].sort((a, b) => b.devices.length - a.devices.length),
    moving: movers.length,
    dark: movers.filter(({ connectivity }) => connectivity !== 'online').length,
    totalBytes: movers.reduce((sum, { downloadBytes }) => sum + downloadBytes, 0),
    deviceBytes: Math.max(0, ...movers.map(({ downloadBytes }) => downloadBytes)),
  };
}
