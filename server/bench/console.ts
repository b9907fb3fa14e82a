import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import superjson from 'superjson';
import * as z from 'zod';
import { LiveHub } from '../api/live/hub.ts';
import { createAppCaller } from '../api/trpc/root.ts';
import { inTenant } from '../db/scope.ts';
import { defaultWaves } from '../domain/rollout/plan.ts';
import { evaluateAlerts } from '../services/alerts/evaluate-alerts.ts';
import { giveDefaultRules } from '../services/alerts/give-defaults.ts';
import { cleaningUp } from '../testing/cleaning-up.ts';
import type { TestDeps } from '../testing/fleet.ts';
import { type FilledFleet, fillFleet } from './console/fill.ts';
import { quantile, round } from './figures.ts';
import { startBenchOrganization } from './organization.ts';

const Flags = z.object({
  devices: z.coerce.number().int().min(300).max(10_000).default(10_000),
  repeats: z.coerce.number().int().min(1).max(100).default(7),
});

const HOUR_MS = 3_600_000;
const MODEL = 'vibration-fault';
const say = (line: string) => console.log(`  ${line} …`);

type Caller = ReturnType<typeof createAppCaller>;
type Query = { name: string; ask: (caller: Caller) => Promise<unknown> };
type Figure = { p50Ms: number; p95Ms: number; kb: number; gzipKb: number };

/**
 * How long the server works on each query of the console's pages, and how much it answers, with a large fleet and a rollout under way: from
 * the procedure's call to the text that is sent, with a database beside it.
 */
export async function run(argv: string[]): Promise<object> {
  const { values } = parseArgs({ args: argv, options: { devices: { type: 'string' }, repeats: { type: 'string' } } });
  const { devices, repeats } = Flags.parse(values);
  return cleaningUp(async (closers) => {
    say('starting database');
    const { database, deps, ours } = await startBenchOrganization(() => new Date(), closers);
    say(`making ${devices} devices, two rollouts and a day of telemetry`);
    const fleet = await fillFleet(database, deps, ours, devices);
    const { organizationId, owner } = ours;
    await fireAlerts(deps, organizationId);
    const { slug, name } = await deps.db.organization.findUniqueOrThrow({ where: { id: organizationId } });
    const user = {
      ...{ userId: owner.userId, name: 'Bench', email: 'bench@example.test', sessionId: owner.userId },
      memberships: [{ organizationId, slug, name, role: 'owner' as const }],
    };
    const caller = createAppCaller({ deps, user, hub: new LiveHub(database.url), requestId: 'bench' });
    console.log(`\n  ${'query'.padEnd(22)}${['p50', 'p95', 'sent', 'gzip'].map((text) => text.padStart(11)).join('')}`);
    const figures: Record<string, Figure> = {};
    for (const query of queriesOf(slug, fleet)) {
      const figure = await measure(caller, query, repeats);
      figures[query.name] = figure;
      print(query.name, figure);
    }
    return { devices, ...flat(figures) };
  });
}

/** The rules that every organization starts with, and what they find in this one: a list of nothing measures nothing. */
async function fireAlerts(deps: TestDeps, organizationId: string): Promise<void> {
  await inTenant(deps.db, organizationId, (scope) => giveDefaultRules(scope, deps.now()));
  await evaluateAlerts({ ...deps, url: 'http://127.0.0.1' }, organizationId);
  if ((await deps.db.alert.count({ where: { organizationId } })) === 0) throw new Error('no alert fired');
}

/** The queries of each page, as the console asks them. */
export function queriesOf(org: string, { rolloutId, waiting, versionIds, releaseId }: FilledFleet): Query[] {
  const to = new Date();
  const lastHour = { from: new Date(to.getTime() - HOUR_MS), to };
  const lastDay = { from: new Date(to.getTime() - 24 * HOUR_MS), to };
  const plan = { waves: defaultWaves };
  return [
    { name: 'overview', ask: (caller) => caller.fleet.overview({ org }) },
    { name: 'deviceTable', ask: (caller) => caller.devices.table({ org }) },
    {
      name: 'deviceTableFiltered',
      ask: (caller) => caller.devices.table({ org, q: 'edge-00', connectivity: ['offline'] }),
    },
    { name: 'deviceTableSelector', ask: (caller) => caller.devices.table({ org, selector: 'site=site-7' }) },
    { name: 'devicePage', ask: (caller) => caller.devices.page({ org, deviceId: waiting }) },
    { name: 'whyDevice', ask: (caller) => caller.rollouts.whyDevice({ org, deviceId: waiting }) },
    { name: 'rolloutList', ask: (caller) => caller.rollouts.list({ org }) },
    { name: 'rolloutPage', ask: (caller) => caller.rollouts.page({ org, id: rolloutId }) },
    { name: 'whyNot', ask: (caller) => caller.rollouts.whyNot({ org, id: rolloutId }) },
    { name: 'whyNotFiltered', ask: (caller) => caller.rollouts.whyNot({ org, id: rolloutId, wave: 2, q: 'edge-00' }) },
    { name: 'decisions', ask: (caller) => caller.rollouts.decisions({ org, id: rolloutId }) },
    { name: 'dryRun', ask: (caller) => caller.rollouts.preview({ org, releaseId, plan }) },
    { name: 'alertList', ask: (caller) => caller.alerts.list({ org }) },
    { name: 'alertCounts', ask: (caller) => caller.alerts.counts({ org }) },
    { name: 'alertRules', ask: (caller) => caller.alerts.rules({ org }) },
    { name: 'models', ask: (caller) => caller.models.list({ org }) },
    { name: 'modelPage', ask: (caller) => caller.models.page({ org, model: MODEL }) },
    { name: 'versionPage', ask: (caller) => caller.models.version({ org, model: MODEL, version: '2.0.0' }) },
    {
      name: 'versionAccuracy',
      ask: (caller) => caller.monitoring.accuracy({ org, model: MODEL, version: '2.0.0', ...lastDay }),
    },
    { name: 'versionDrift', ask: (caller) => caller.monitoring.drift({ org, model: MODEL, version: '2.0.0' }) },
    {
      name: 'deviceCharts',
      ask: (caller) =>
        caller.fleet.telemetry({
          ...{ org, ...lastHour, metrics: ['latency_p95_ms', 'energy_mj'], groupBy: 'version' },
          deviceIds: [waiting],
          points: 160,
        }),
    },
    { name: 'agents', ask: (caller) => caller.agents.versions({ org }) },
    { name: 'exploreChoices', ask: (caller) => caller.fleet.exploreChoices({ org }) },
    {
      name: 'exploreVersions',
      ask: (caller) =>
        caller.fleet.explore({
          org,
          ...lastHour,
          metrics: ['latency_p95_ms', 'accuracy'],
          groupBy: 'version',
          versionIds,
        }),
    },
    {
      name: 'exploreDevices',
      ask: (caller) => caller.fleet.explore({ org, ...lastHour, metrics: ['latency_p95_ms'], groupBy: 'device' }),
    },
  ];
}

/** The first call warms up caches and is not counted. */
async function measure(caller: Caller, { name, ask }: Query, repeats: number): Promise<Figure> {
  const took: number[] = [];
  let text = '';
  for (let time = 0; time <= repeats; time += 1) {
    const startedMs = performance.now();
    try {
      text = JSON.stringify(superjson.serialize(await ask(caller)));
    } catch (cause) {
      throw new Error(`${name} failed: ${cause instanceof Error ? (cause.cause ?? cause) : cause}`, { cause });
    }
    if (time > 0) took.push(performance.now() - startedMs);
  }
  return {
    p50Ms: round(quantile(took, 0.5)),
    p95Ms: round(quantile(took, 0.95)),
    kb: round(text.length / 1000, 1),
    gzipKb: round(gzipSync(text).length / 1000, 1),
  };
}

function print(name: string, { p50Ms, p95Ms, kb, gzipKb }: Figure): void {
  const columns = [`${p50Ms} ms`, `${p95Ms} ms`, `${kb} kB`, `${gzipKb} kB`];
  console.log(`  ${name.padEnd(22)}${columns.map((text) => text.padStart(11)).join('')}`);
}

function flat(figures: Record<string, Figure>): Record<string, number> {
  const entries = Object.entries(figures);
  return {
    slowestP95Ms: Math.max(...entries.map(([, { p95Ms }]) => p95Ms)),
    largestGzipKb: Math.max(...entries.map(([, { gzipKb }]) => gzipKb)),
    ...Object.fromEntries(
      entries.flatMap(([name, { p50Ms, p95Ms, kb }]) => [
        [`${name}P50Ms`, p50Ms],
        [`${name}P95Ms`, p95Ms],
        [`${name}Kb`, kb],
      ]),
    ),
  };
}
