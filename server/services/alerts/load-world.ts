import { listOpenDrift } from '../../db/alerts-drift.ts';
import { listBoardReadings, listRolloutStandings, sumByDevice } from '../../db/alerts-readings.ts';
import { listVersionNames } from '../../db/alerts-versions.ts';
import { findListening } from '../../db/listening.ts';
import type { Scope } from '../../db/scope.ts';
import type { AlertCondition } from '../../domain/alerts/condition.ts';
import { ROLLOUT_NEWS_MS } from '../../domain/alerts/readings.ts';
import { dayBefore, needsOf, resolutionOf, stretchOf, type WindowNeeds } from '../../domain/alerts/schedule.ts';
import type { AlertDevice, AlertWorld, Stretch, SummedOver, SummedStretch } from '../../domain/alerts/world.ts';
import { type Resolution, resolutions } from '../../domain/telemetry/rollup.ts';
import { sumsBehind } from '../../domain/telemetry/sums-behind.ts';

const [, , DAY] = resolutions;

/** A board that said nothing for longer is not read. */
const BOARD_AGE_MS = 180_000;

/** Reads all that these conditions look at, each thing once, however many rules look at it. */
export async function loadWorld(
  scope: Scope,
  conditions: readonly AlertCondition[],
  now: Date,
  devices: readonly AlertDevice[],
): Promise<AlertWorld> {
  const needs = needsOf(conditions);
  const windows = new Map<number, SummedStretch>();
  const daysBefore = new Map<number, SummedStretch>();
  for (const [windowS, wanted] of needs.windows) {
    const stretch = stretchOf(windowS, now);
    windows.set(windowS, await sumUp(scope, stretch, resolutionOf(windowS), wanted, 'now'));
    daysBefore.set(windowS, await sumUp(scope, dayBefore(stretch), DAY, wanted, 'dayBefore'));
  }
  const hasVersions = needs.drift || conditions.some((each) => each.kind === 'metric' && each.per === 'version');
  const [listening, boards, rollouts, drift, versionNames] = await Promise.all([
    findListening(scope.tx),
    needs.boards ? listBoardReadings(scope, { from: new Date(now.getTime() - BOARD_AGE_MS), to: now }) : [],
    needs.rollouts ? listRolloutStandings(scope, new Date(now.getTime() - ROLLOUT_NEWS_MS)) : [],
    needs.drift ? listOpenDrift(scope) : [],
    hasVersions ? listVersionNames(scope) : new Map<string, string>(),
  ]);
  return {
    now,
    listening,
    devices,
    versionNames,
    windows,
    daysBefore,
    boards: new Map(boards.map((board) => [board.deviceId, board])),
    rollouts,
    drift,
  };
}

async function sumUp(
  scope: Scope,
  stretch: Stretch,
  resolution: Resolution,
  wanted: WindowNeeds,
  when: keyof WindowNeeds[SummedOver],
): Promise<SummedStretch> {
  const read = (of: SummedOver) => {
    const names = sumsBehind(wanted[of][when]);
    return names.length > 0 ? sumByDevice(scope, { ...stretch, resolution, names, of }) : [];
  };
  const devices = Map.groupBy(await read('devices'), ({ deviceId }) => deviceId);
  return { ...stretch, devices, fleet: await read('fleet') };
}
