import { Engine } from '../container/engine/engine.ts';
import { type FactPorts, readBoard, readFacts } from '../facts/device-facts.ts';
import { createSystemSampler } from '../telemetry/system/sample.ts';
import { createTraffic } from '../telemetry/system/traffic.ts';
import type { AgentOptions } from './options.ts';
import { createPower, createProofPower } from './power.ts';

export type Machine = Awaited<ReturnType<typeof openMachine>>;

/** The board: its sensors and what it is. */
export async function openMachine(options: AgentOptions) {
  const { sysfs, procfs, osRelease, layout, version } = options;
  const power = createPower({ ...options, board: await readBoard(sysfs) });
  await power.meter.sample();
  await power.meter.sample();
  const engine = new Engine(options.engineSocket);
  const factPorts: FactPorts = {
    engineVersion: () => engine.version(),
    sysfs,
    procfs,
    osRelease,
    dir: layout.dir,
    agentVersion: version,
  };
  let facts = await readFacts(factPorts, power.meter.source);
  let isEngineKnown = facts.containerEngine !== undefined;
  return {
    engine,
    meter: power.meter,
    proofPower: createProofPower(power.meter, power.watts),
    /** null with a sensor whose idle figure nobody gave. */
    idleWatts: () => (power.isIdleKnown || power.meter.source === 'estimate' ? power.watts.idleWatts : null),
    sampleSystem: createSystemSampler({ sysfs, procfs, dir: layout.dir }),
    traffic: createTraffic({ sysfs, procfs }),
    facts: () => facts,
    /** Has a container engine answered in this life of the agent? */
    isEngineKnown: () => isEngineKnown,
    async refreshFacts() {
      facts = await readFacts(factPorts, power.meter.source);
      isEngineKnown ||= facts.containerEngine !== undefined;
    },
  };
}
