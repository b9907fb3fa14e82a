import * as z from 'zod';
import type { AgentProcess } from '../agent-process.ts';
import { deployment, useAgents } from '../agent-suite.ts';
import { useContainers } from './suite.ts';

const Listed = z.array(
  z.looseObject({ Id: z.string(), Labels: z.record(z.string(), z.string()), State: z.string(), Created: z.number() }),
);

const signal = {
  name: 'signal',
  datatype: 'FP32',
  shape: [1, 256],
  data: Array.from({ length: 256 }, (_, at) => Math.sin(at)),
};

/** Asks the model for an inference, as an application on the device does. */
export const infer = (agent: AgentProcess) =>
  fetch(`${agent.status?.endpoint}/v2/models/vibration-fault/infer`, {
    method: 'POST',
    body: JSON.stringify({ inputs: [signal] }),
  });

/** Bundled agents beside a real engine and a registry that has these of our images, and what the engine has of a device. */
export function useContainerAgents(images: string[]) {
  const containers = useContainers(images);
  const suite = useAgents();
  const filtersOf = (deviceId: string) => JSON.stringify({ label: [`flotilla.device=${deviceId}`] });
  const release = (
    version: 1 | 2 | 3,
    runtime: Parameters<typeof containers.release>[2],
    changes: Parameters<typeof containers.release>[3] = {},
  ) => containers.release(suite.server.artifacts, version, runtime, changes);
  return {
    containers,
    suite,
    release,
    start: () => suite.start(['--engine-socket', containers.docker.socket, '--log-level', 'debug']),
    async deploy(deviceId: string, n: number, to: ReturnType<typeof release>, phase = 'active') {
      await suite.server.desire(deviceId, { default: { deployment: deployment(n), release: to } });
      await suite.reaches(deployment(n), phase, 60_000);
    },
    /** The device's containers. */
    ours: async (deviceId: string) =>
      Listed.parse(await containers.docker.get('/containers/json', { all: 'true', filters: filtersOf(deviceId) })),
    networks: async (deviceId: string) =>
      (await containers.docker.get('/networks', { filters: filtersOf(deviceId) })) as unknown[],
    /** The digests under which the engine keeps images of the device's. */
    async tags(deviceId: string) {
      const listed = (await containers.docker.get('/images/json')) as { RepoTags: string[] | null }[];
      const own = listed.flatMap(({ RepoTags }) => RepoTags ?? []).filter((tag) => tag.includes(deviceId));
      return own.map((tag) => tag.split(':')[1]).sort();
    },
  };
}
