import type { DeviceFacts, PowerSource } from '@flotilla/protocol';
import { MAX_OPSET, ORT_VERSION } from '../src/facts/onnx-runtime.ts';
import { AGENT_VERSION } from '../src/version.ts';
import { deviceRandom } from './random.ts';

const GIB = 2 ** 30;

/** A type of board: what it says of itself, and what inference costs on it. */
export type Hardware = {
  board: string;
  arch: string;
  cpuModel: string;
  cpuCores: number;
  memoryBytes: number;
  powerSource: PowerSource;
  latencyMs: number;
  idleW: number;
  energyMj: number;
};

const boards: { weight: number; hardware: Hardware }[] = [
  {
    weight: 0.45,
    hardware: {
      board: 'Raspberry Pi 5 Model B Rev 1.0',
      arch: 'arm64',
      cpuModel: 'Cortex-A76',
      cpuCores: 4,
      memoryBytes: 8 * GIB,
      powerSource: 'pmic',
      latencyMs: 4,
      idleW: 2.6,
      energyMj: 14,
    },
  },
  {
    weight: 0.25,
    hardware: {
      board: 'Raspberry Pi 4 Model B Rev 1.5',
      arch: 'arm64',
      cpuModel: 'Cortex-A72',
      cpuCores: 4,
      memoryBytes: 4 * GIB,
      powerSource: 'estimate',
      latencyMs: 11,
      idleW: 2.7,
      energyMj: 31,
    },
  },
  {
    weight: 0.2,
    hardware: {
      board: 'NVIDIA Jetson Orin Nano Developer Kit',
      arch: 'arm64',
      cpuModel: 'Cortex-A78AE',
      cpuCores: 6,
      memoryBytes: 8 * GIB,
      powerSource: 'ina3221',
      latencyMs: 2.5,
      idleW: 4.1,
      energyMj: 11,
    },
  },
  {
    weight: 0.1,
    hardware: {
      board: 'Intel NUC11TNHi3',
      arch: 'x64',
      cpuModel: '11th Gen Intel Core i3-1115G4',
      cpuCores: 4,
      memoryBytes: 16 * GIB,
      powerSource: 'rapl',
      latencyMs: 1.6,
      idleW: 5.5,
      energyMj: 16,
    },
  },
];

/** The board of a device: the same for the same seed. */
export function hardwareOf(seed: number, index: number): Hardware {
  let left = deviceRandom(seed, index, 'hardware')();
  for (const { weight, hardware } of boards) {
    left -= weight;
    if (left < 0) return hardware;
  }
  return boards[0]?.hardware as Hardware;
}

export function factsOf(name: string, hardware: Hardware): DeviceFacts {
  const { board, arch, cpuModel, cpuCores, memoryBytes, powerSource } = hardware;
  return {
    hostname: name,
    board,
    arch,
    os: 'Flotilla simulator',
    kernel: 'simulated',
    cpuModel,
    cpuCores,
    memoryBytes,
    diskBytes: 32 * GIB,
    agentVersion: AGENT_VERSION,
    ortVersion: ORT_VERSION,
    executionProviders: ['cpu'],
    maxOpset: MAX_OPSET,
    runtimes: ['process'],
    powerSource,
  };
}
