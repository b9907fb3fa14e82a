import { parseArgs } from 'node:util';
import * as z from 'zod';
import { inTenant } from '../db/scope.ts';
import { LOOK_EVERY_MS } from '../domain/alerts/schedule.ts';
import { evaluateAlerts } from '../services/alerts/evaluate-alerts.ts';
import { giveDefaultRules } from '../services/alerts/give-defaults.ts';
import { saveRule } from '../services/alerts/save-rule.ts';
import { cleaningUp } from '../testing/cleaning-up.ts';
import { fillWindows } from './alerts/fill.ts';
import { fillFleet } from './console/fill.ts';
import { cpuSecondsOf } from './cpu-seconds.ts';
import type { BenchDatabase } from './database.ts';
import { quantile, round } from './figures.ts';
import { startBenchOrganization } from './organization.ts';

const Flags = z.object({
  devices: z.coerce.number().int().min(300).max(10_000).default(10_000),
  looks: z.coerce.number().int().min(10).max(60).default(24),
});

const MINUTE_MS = 60_000;
const LOOKS_IN_OUTAGE = 5;
const say = (line: string) => console.log(`  ${line} …`);

/** Beside the rules that every organization starts with. */
const moreRules = [
  { name: 'Drift', condition: { kind: 'drift' } },
  { name: 'Memory', condition: { kind: 'metric', metric: 'memory_used_share', op: 'above', limit: 0.95 } },
  {
    name: 'Slow version',
    condition: { kind: 'metric', metric: 'latency_p99_ms', per: 'version', op: 'above', limit: 500 },
  },
  {
    name: 'Energy by site',
    groupLabel: 'site',
    condition: { kind: 'metric', metric: 'energy_mj', op: 'above', limit: 5_000, selector: 'stage=production' },
  },
] as const;

type Look = { wallMs: number; cpuMs: number };

/**
 * What a look at the alerts of a large fleet costs, of which there is one every 20 s: by the clock, and of processor time, the database's
 * included. The first rules and four more; then all devices fall silent at once.
 */
export async function run(argv: string[]): Promise<object> {
  const { values } = parseArgs({ args: argv, options: { devices: { type: 'string' }, looks: { type: 'string' } } });
  const { devices, looks } = Flags.parse(values);
  return cleaningUp(async (closers) => {
    say('starting database');
    let now = new Date();
    const { database, deps, ours } = await startBenchOrganization(() => now, closers);
    const { organizationId, owner } = ours;
    const { db } = deps;
    say(`making ${devices} devices and a day of telemetry`);
    await fillFleet(database, deps, ours, devices);
    const lengthMs = looks * LOOK_EVERY_MS;
    now = new Date(Math.floor((Date.now() - 3 * MINUTE_MS - lengthMs) / MINUTE_MS) * MINUTE_MS);
    const board = { from: new Date(now.getTime() - 3 * MINUTE_MS), to: new Date(now.getTime() + lengthMs) };
    await fillWindows(database, organizationId, board);
    await inTenant(db, organizationId, (scope) => giveDefaultRules(scope, now));
    for (const rule of moreRules) await saveRule(deps, owner, { rule });
    await hear(database, now);
    const pid = await database.pid();
    const look = async (): Promise<Look> => {
      const [startedMs, cpuS] = [performance.now(), (await cpuSecondsOf(pid)) + process.cpuUsage().user / 1e6];
      await evaluateAlerts({ ...deps, url: 'http://127.0.0.1' }, organizationId);
      const wallMs = performance.now() - startedMs;
      const cpuMs = ((await cpuSecondsOf(pid)) + process.cpuUsage().user / 1e6 - cpuS) * 1000;
      now = new Date(now.getTime() + LOOK_EVERY_MS);
      return { wallMs, cpuMs };
    };
    say('looking');
    await look();
    const quiet: Look[] = [];
    for (let at = 0; at < looks - LOOKS_IN_OUTAGE - 2; at += 1) quiet.push(await look());
    await hear(database, new Date(now.getTime() - 60 * MINUTE_MS));
    const outage = await look();
    const during: Look[] = [];
    for (let at = 0; at < LOOKS_IN_OUTAGE; at += 1) during.push(await look());
    const members = await db.alert.aggregate({ where: { organizationId }, _max: { members: true } });
    const figures = {
      devices,
      lookP50Ms: round(
        quantile(
          quiet.map(({ wallMs }) => wallMs),
          0.5,
        ),
      ),
      lookP95Ms: round(
        quantile(
          quiet.map(({ wallMs }) => wallMs),
          0.95,
        ),
      ),
      lookCpuP50Ms: round(
        quantile(
          quiet.map(({ cpuMs }) => cpuMs),
          0.5,
        ),
      ),
      lookCpuP95Ms: round(
        quantile(
          quiet.map(({ cpuMs }) => cpuMs),
          0.95,
        ),
      ),
      cpuShare: round(quiet.reduce((sum, { cpuMs }) => sum + cpuMs, 0) / (quiet.length * LOOK_EVERY_MS), 4),
      outageMembers: members._max.members ?? 0,
      outageLookMs: round(outage.wallMs),
      outageLookCpuMs: round(outage.cpuMs),
      lookInOutageP50Ms: round(
        quantile(
          during.map(({ wallMs }) => wallMs),
          0.5,
        ),
      ),
    };
    console.log('');
    for (const [name, value] of Object.entries(figures)) console.log(`  ${name.padEnd(18)} ${value}`);
    return figures;
  });
}

/** Every device was heard last at this time, by a server that has listened for long. */
async function hear({ client }: BenchDatabase, at: Date): Promise<void> {
  await client.query('UPDATE device SET online = true, last_heard_at = $1', [at]);
  await client.query("UPDATE listening SET since = now() - interval '3 days', until = now() + interval '3 days'");
}
