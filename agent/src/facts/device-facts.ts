import { statfs } from 'node:fs/promises';
import { arch, cpus, hostname, release as kernelRelease, totalmem } from 'node:os';
import { join } from 'node:path';
import type { DeviceFacts } from '@flotilla/protocol';
import { deviceClassOf, sessionSettings } from '../runner/session-settings.ts';
import { readUsableMachine } from '../runner/usable-machine.ts';
import { readText } from '../telemetry/sys-file.ts';
import { readAccelerators } from './accelerators.ts';
import { MAX_OPSET, ORT_VERSION } from './onnx-runtime.ts';
import { readSecureBoot } from './secure-boot.ts';

export type FactPorts = {
  /** null when no container engine answers. */
  engineVersion: () => Promise<string | null>;
  sysfs: string;
  procfs: string;
  osRelease: string;
  dir: string;
  agentVersion: string;
};

/** What this machine is, as far as it says. `powerSource` is asked of the energy meter. */
export async function readFacts(ports: FactPorts, powerSource: string | null): Promise<DeviceFacts> {
  const board = await readBoard(ports.sysfs);
  const [cpu] = cpus();
  const containerEngine = clipVersion(await ports.engineVersion());
  const accelerators = await readAccelerators(ports.sysfs, ports.procfs);
  const secureBoot = await readSecureBoot(ports.sysfs);
  const inference = await readInference(ports);
  const disk = await statfs(ports.dir).catch(() => null);
  return {
    hostname: clip(hostname()),
    ...(board && { board: clip(board) }),
    arch: arch(),
    os: clip(await readOs(ports.osRelease)),
    kernel: clip(kernelRelease()),
    cpuModel: clip(cpu?.model ?? 'unknown'),
    cpuCores: Math.max(1, cpus().length),
    memoryBytes: totalmem(),
    ...(disk && { diskBytes: disk.blocks * disk.bsize }),
    agentVersion: ports.agentVersion,
    ortVersion: ORT_VERSION,
    executionProviders: ['cpu'],
    maxOpset: MAX_OPSET,
    runtimes: containerEngine === null ? ['process'] : ['process', 'container'],
    ...(containerEngine !== null && { containerEngine }),
    inference,
    ...(accelerators.length > 0 && { accelerators: accelerators.map(clip) }),
    ...(powerSource && { powerSource }),
    ...(secureBoot !== undefined && { secureBoot }),
  };
}

/** What a runner of this agent will choose: it has the agent's own limits. */
async function readInference(ports: FactPorts): Promise<NonNullable<DeviceFacts['inference']>> {
  const machine = await readUsableMachine(ports);
  const { threads } = sessionSettings(machine, {});
  return { class: deviceClassOf(machine), threads, processors: machine.processors };
}

/** As long as the protocol lets it be. */
export function clipVersion(version: string | null): string | null {
  return version?.slice(0, 64) ?? null;
}

/** The device tree's model (ARM boards), else what the firmware says of a PC; undefined when neither. */
export async function readBoard(sysfs: string): Promise<string | undefined> {
  const model = await readText(join(sysfs, 'firmware/devicetree/base/model'));
  if (model) return model;
  const dmi = join(sysfs, 'class/dmi/id');
  const parts = [await readText(join(dmi, 'sys_vendor')), await readText(join(dmi, 'product_name'))];
  return parts.filter((part) => part !== null).join(' ') || undefined;
}

async function readOs(path: string): Promise<string> {
  const text = (await readText(path)) ?? '';
  return /^PRETTY_NAME="?([^"\n]+)"?/m.exec(text)?.[1] ?? process.platform;
}

function clip(text: string): string {
  return text.slice(0, 200);
}
