import { listOpenDrift } from '../../db/alerts-drift.ts';
import { listAlertDevices, listBoardReadings, listRolloutStandings, sumByDevice } from '../../db/alerts-readings.ts';
import { listVersionNames } from '../../db/alerts-versions.ts';
import { findListening } from '../../db/listening.ts';
import type { Scope } from '../../db/scope.ts';
import type { AlertCondition } from '../../domain/alerts/condition.ts';
import { dayBefore, needsOf, resolutionOf, stretchOf } from '../../domain/alerts/schedule.ts';
import { type AlertDevice, type AlertWorld, ROLLOUT_NEWS_MS, type SummedStretch } from '../../domain/alerts/world.ts';
import { resolutions } from '../../domain/telemetry/rollup.ts';

const [, HOUR] = resolutions;

/** A board that said nothing for longer is not read. */
const BOARD_AGE_MS = 180_000;

/** Reads all that these conditions look at, each thing once, however many rules look at it. */
export async function loadWorld(
  scope: Scope,
  conditions: readonly AlertCondition[],
  now: Date,
  known: { devices?: readonly AlertDevice[] } = {},
): Promise<AlertWorld> {
  const needs = needsOf(conditions);
  const windows = new Map<number, SummedStretch>();
  const daysBefore = new Map<number, SummedStretch>();
  for (const [windowS, { hasLatency, hasDayBefore }] of needs.windows) {
    const stretch = stretchOf(windowS, now);
    const rows = await sumByDevice(scope, { ...stretch, resolution: resolutionOf(windowS), hasLatency });
    windows.set(windowS, { ...stretch, rows });
    if (!hasDayBefore) continue;
    const day = dayBefore(stretch);
    daysBefore.set(windowS, { ...day, rows: await sumByDevice(scope, { ...day, resolution: HOUR, hasLatency }) });
  }
  const hasVersions = needs.drift || conditions.some((each) => each.kind === 'metric' && each.per === 'version');
  const [listening, devices, boards, rollouts, drift, versionNames] = await Promise.all([
    findListening(scope.tx),
    known.devices ?? listAlertDevices(scope),
    needs.boards ? listBoardReadings(scope, new Date(now.getTime() - BOARD_AGE_MS)) : [],
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
