import { setTimeout as delay } from 'node:timers/promises';
import { listOpenDrift } from '../../db/alerts-drift.ts';
import {
  type DevicePart,
  listBoardReadings,
  listRolloutStandings,
  type SumsRange,
  sumByDevice,
} from '../../db/alerts-readings.ts';
import { listVersionNames } from '../../db/alerts-versions.ts';
import { findListening } from '../../db/listening.ts';
import type { Scope } from '../../db/scope.ts';
import type { AlertCondition } from '../../domain/alerts/condition.ts';
import { ROLLOUT_NEWS_MS } from '../../domain/alerts/readings.ts';
import { dayBefore, needsOf, resolutionOf, stretchOf, type WindowNeeds } from '../../domain/alerts/schedule.ts';
import type {
  AlertDevice,
  AlertWorld,
  DeviceSums,
  Stretch,
  SummedOver,
  SummedStretch,
} from '../../domain/alerts/world.ts';
import { type Resolution, resolutions } from '../../domain/telemetry/rollup.ts';
import { sumsBehind } from '../../domain/telemetry/sums-behind.ts';

const [, , DAY] = resolutions;

/** A board that said nothing for longer is not read. */
const BOARD_AGE_MS = 180_000;

/**
 * Reads all that these conditions look at, each thing once, however many rules look at it; what devices measured of so many `atOnce`, with
 * rests between.
 */
export async function loadWorld(
  scope: Scope,
  conditions: readonly AlertCondition[],
  now: Date,
  devices: readonly AlertDevice[],
  atOnce = Number.POSITIVE_INFINITY,
): Promise<AlertWorld> {
  const needs = needsOf(conditions);
  const parts = partsOf(devices, atOnce);
  const windows = new Map<number, SummedStretch>();
  const daysBefore = new Map<number, SummedStretch>();
  for (const [windowS, wanted] of needs.windows) {
    const stretch = stretchOf(windowS, now);
    windows.set(windowS, await sumUp(scope, parts, stretch, resolutionOf(windowS), wanted, 'now'));
    daysBefore.set(windowS, await sumUp(scope, parts, dayBefore(stretch), DAY, wanted, 'dayBefore'));
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

/** All devices, those that are gone too, in parts of so many of these. */
function partsOf(devices: readonly AlertDevice[], atOnce: number): DevicePart[] {
  const firsts = devices.filter((_, at) => at > 0 && at % atOnce === 0).map(({ id }) => id);
  return [null, ...firsts].map((from, at) => ({ from, before: firsts[at] ?? null }));
}

async function sumUp(
  scope: Scope,
  parts: readonly DevicePart[],
  stretch: Stretch,
  resolution: Resolution,
  wanted: WindowNeeds,
  when: keyof WindowNeeds[SummedOver],
): Promise<SummedStretch> {
  const rangeOf = (of: SummedOver) => ({ ...stretch, resolution, names: sumsBehind(wanted[of][when]), of });
  const devices = Map.groupBy(await sumInParts(scope, rangeOf('devices'), parts), ({ deviceId }) => deviceId);
  return { ...stretch, devices, fleet: await sumInParts(scope, rangeOf('fleet'), [ALL]) };
}

const ALL: DevicePart = { from: null, before: null };

/** Between two parts the database is left to others so many times as long as the one took: telemetry is seen late for each that follows at once. */
const REST = 3;

async function sumInParts(scope: Scope, range: SumsRange, parts: readonly DevicePart[]): Promise<DeviceSums[]> {
  const all: DeviceSums[] = [];
  if (range.names.length === 0) return all;
  for (const part of parts) {
    const startedMs = performance.now();
    for (const sums of await sumByDevice(scope, { ...range, part })) all.push(sums);
    if (part.before) await delay(REST * (performance.now() - startedMs));
  }
  return all;
}
