import type { AgentReport, Reason } from '@flotilla/protocol';

export const upgradeDeviceStates = ['waiting', 'told', 'confirmed', 'failed', 'withdrawn', 'superseded'] as const;
export type UpgradeDeviceState = (typeof upgradeDeviceStates)[number];

/** One device of an upgrade, as it is now. */
export type UpgradeDevice = {
  deviceId: string;
  state: UpgradeDeviceState;
  toldAt: Date | null;
  isReachable: boolean;
  /** Left the fleet. */
  isGone: boolean;
  /** Of what the device is told now; null when it is told of no agent. */
  wantedOrder: string | null;
  report: AgentReport | null;
};

export type UpgradeView = { id: string; version: string; firstDevices: number; devices: UpgradeDevice[] };

export type UpgradeStep = {
  confirmed: string[];
  failed: { deviceId: string; reason: Reason }[];
  superseded: string[];
  tell: string[];
  withdraw: string[];
  end: 'done' | 'stopped' | null;
};

/** One of the first that was told and went dark is waited for this long before another takes its place. */
export const DARK_AFTER_MS = 15 * 60_000;

/** Phases in which the wanted version runs, but may still go back. */
const onTrial = new Set(['switching', 'observing', 'reverting']);

/**
 * What is next in an upgrade of agents: first a few, reachable ones; the others when those have confirmed; nothing more once one went back.
 * Devices that cannot be reached hold nobody up: another takes the place among the first, and later they take it up when they come.
 */
export function stepUpgrade({ id, version, firstDevices, devices }: UpgradeView, now: Date): UpgradeStep {
  const open = devices.filter(({ state }) => state === 'waiting' || state === 'told');
  const judged = open.map((device) => ({ device, verdict: verdictOf(device, id, version) }));
  const of = (kind: string) => judged.filter(({ verdict }) => verdict === kind).map(({ device }) => device.deviceId);
  const failed = judged.flatMap(({ device, verdict }) =>
    typeof verdict === 'object' && verdict !== null ? [{ deviceId: device.deviceId, reason: verdict }] : [],
  );
  const rest = judged.filter(({ verdict }) => verdict === null).map(({ device }) => device);
  const step: UpgradeStep = {
    confirmed: of('confirmed'),
    superseded: of('superseded'),
    failed,
    tell: [],
    withdraw: [],
    end: null,
  };
  if (failed.length > 0) return { ...step, withdraw: rest.map(({ deviceId }) => deviceId), end: 'stopped' };
  if (rest.length === 0) return { ...step, end: 'done' };
  // A document that crossed with another one on its way is said again.
  const lost = rest.filter(({ state, wantedOrder }) => state === 'told' && wantedOrder === null);
  const waiting = rest.filter(({ state }) => state === 'waiting');
  const confirmed = step.confirmed.length + devices.filter(({ state }) => state === 'confirmed').length;
  const isDark = ({ toldAt, isReachable }: UpgradeDevice) =>
    !isReachable && now.getTime() - (toldAt?.getTime() ?? 0) > DARK_AFTER_MS;
  const underWay = rest.filter((device) => device.state === 'told' && !isDark(device)).length;
  const room = Math.max(0, firstDevices - confirmed - underWay);
  const chosen = confirmed >= firstDevices ? waiting : waiting.filter(({ isReachable }) => isReachable).slice(0, room);
  return { ...step, tell: [...lost, ...chosen].map(({ deviceId }) => deviceId) };
}

/** A final word about a device; null while there is none. */
function verdictOf(device: UpgradeDevice, order: string, version: string): 'confirmed' | 'superseded' | Reason | null {
  const { report, wantedOrder, state, isGone } = device;
  if (isGone) return 'superseded';
  if (state === 'told' && wantedOrder !== null && wantedOrder !== order) return 'superseded';
  if (report?.version === version && !onTrial.has(report.phase ?? 'idle')) return 'confirmed';
  const hasFailed = report?.phase === 'failed' || report?.phase === 'reverted';
  const isFinal = report?.order === order && hasFailed && report.reason?.retry === 'never';
  return isFinal && report.reason ? report.reason : null;
}
