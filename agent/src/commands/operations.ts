import { readFile } from 'node:fs/promises';
import { type DesiredState, type DeviceFacts, MAX_ARCHIVE_BYTES } from '@flotilla/protocol';
import type { SlotEntry } from '../agent/slots.ts';
import { delay } from '../delay.ts';
import type { LogLevel } from '../logger.ts';
import { measureOf } from '../proof/judge.ts';
import type { ProofPower } from '../proof/prove.ts';
import { ReasonError } from '../reason-error.ts';
import { pathOfRole } from '../serving/load-order.ts';
import type { Runner } from '../serving/runner.ts';
import type { Layout } from '../state/layout.ts';
import { collectDiagnostics } from './diagnostics.ts';
import type { OperationContext, Operations } from './handle-command.ts';
import { type ArchiveFile, tarGz } from './tar.ts';

/** Of a benchmark with a power sensor that is read once a second. */
const SENSOR_DURATION_MS = 2_500;

/** Between two looks at how far a capture is. */
const CAPTURE_LOOK_MS = 500;

export type OperationPorts = {
  slots: {
    entries: ReadonlyMap<string, SlotEntry>;
    restartRunners: () => Promise<unknown>;
    leave: () => Promise<void>;
  };
  document: () => DesiredState | null;
  facts: () => DeviceFacts;
  power: ProofPower;
  layout: Layout;
  version: string;
  /** What the agent knows of itself, for a diagnosis. */
  state: () => Promise<Record<string, unknown>>;
  readLog: () => Promise<string>;
  setLogLevel: (level: LogLevel, durationMs: number) => void;
  upload: (commandId: string, archive: Buffer) => Promise<{ sha256: string; sizeBytes: number }>;
  now: () => number;
};

/** What a device does when it is asked to. */
export function createOperations(ports: OperationPorts): Operations {
  const busy = new Set<string>();
  /** One of a kind at a time: two benchmarks would measure each other. */
  async function alone<T>(what: string, work: () => Promise<T>): Promise<T> {
    if (busy.has(what)) throw new ReasonError('command.busy', `a ${what} is under way`);
    busy.add(what);
    return await work().finally(() => busy.delete(what));
  }
  return {
    ping: async () => ({
      uptimeMs: Math.round(process.uptime() * 1000),
      agentVersion: ports.version,
      ortVersion: ports.facts().ortVersion,
    }),
    'restart-runner': () => ports.slots.restartRunners(),
    diagnostics: (_, context) => alone('diagnosis', () => diagnose(ports, context)),
    benchmark: (args, context) => alone('benchmark', () => benchmark(ports, args, context)),
    'set-log-level': async ({ level, minutes }) => {
      ports.setLogLevel(level, minutes * 60_000);
      return { level, until: ports.now() + minutes * 60_000 };
    },
    capture: (args, context) => alone('capture', () => capture(ports, args, context)),
    decommission: () => ports.slots.leave(),
  };
}

async function diagnose(ports: OperationPorts, { id, progress }: OperationContext) {
  progress(10, 'collecting');
  const { layout, slots } = ports;
  const files = await collectDiagnostics({
    facts: async () => ({ facts: ports.facts(), desired: ports.document(), ...(await ports.state()) }),
    log: ports.readLog,
    dir: layout.dir,
    journals: async () => {
      const names = [...slots.entries.keys()];
      const texts = names.map((slot) => readFile(layout.slotJournal(slot), 'utf8').catch(() => 'null'));
      return (await Promise.all(texts)).map((text, at) => ({ name: `${names[at]}.json`, text }));
    },
  });
  return await handUp(ports, id, files, progress);
}

async function benchmark(
  ports: OperationPorts,
  { slot, runs }: { slot?: string | undefined; runs: number },
  { progress }: OperationContext,
) {
  const [name, runner] = servingIn(ports, slot);
  const { release } = runner;
  progress(10, `${runs} runs beside service`);
  const goldenPath = pathOfRole(release, 'golden', ports.layout.staged(name, release.id));
  const minDurationMs = ports.power.source === 'estimate' ? 0 : SENSOR_DURATION_MS;
  const order = { ...(goldenPath && { goldenPath }), runs, minDurationMs, accuracySamples: 0 };
  const { result, joules } = await ports.power.measure(() => runner.benchmark(order));
  const energyMj = joules === undefined || result.runs === 0 ? undefined : (joules * 1000) / result.runs;
  return {
    slot: name,
    model: release.model.name,
    version: release.model.version,
    ...measureOf(result, result.golden, energyMj),
    durationMs: result.durationMs,
    ...(joules !== undefined && { powerSource: ports.power.source }),
  };
}

type CaptureArgs = { slot?: string | undefined; samples: number; seconds: number; maxBytes: number };

async function capture(ports: OperationPorts, args: CaptureArgs, { id, progress }: OperationContext) {
  const policy = () => ports.document()?.telemetry.captures;
  const allowed = policy();
  if (!allowed) throw notAllowed();
  const [name, runner] = servingIn(ports, args.slot);
  const samples = Math.min(args.samples, allowed.maxSamples);
  await runner.startCapture({ samples, maxBytes: args.maxBytes });
  const endMs = performance.now() + args.seconds * 1000;
  let lines = '';
  let taken = 0;
  try {
    for (;;) {
      const state = await runner.captureState();
      taken = state.samples;
      progress(Math.floor((90 * taken) / samples), `${taken} of ${samples} samples`);
      if (!policy()) throw notAllowed();
      if (state.isFull || performance.now() >= endMs) break;
      await delay(CAPTURE_LOOK_MS);
    }
  } finally {
    lines = await runner.endCapture().catch(() => '');
  }
  const { model } = runner.release;
  const about = { slot: name, model: model.name, version: model.version, samples: taken, deviceTime: ports.now() };
  const files = [
    { name: 'about.json', bytes: `${JSON.stringify(about)}\n` },
    { name: 'samples.jsonl', bytes: lines },
  ];
  return { samples: taken, ...(await handUp(ports, id, files, progress)) };
}

async function handUp(
  ports: OperationPorts,
  commandId: string,
  files: readonly ArchiveFile[],
  progress: OperationContext['progress'],
): Promise<{ sizeBytes: number; files: string[] }> {
  const archive = await tarGz(files, new Date(ports.now()));
  if (archive.length > MAX_ARCHIVE_BYTES)
    throw new ReasonError('command.upload', `${archive.length} bytes are too many`);
  progress(90, 'handing it to the server');
  const { sizeBytes } = await ports.upload(commandId, archive);
  return { sizeBytes, files: files.map(({ name }) => name) };
}

function servingIn({ slots }: OperationPorts, wanted: string | undefined): [string, Runner] {
  const serving = [...slots.entries].flatMap(([slot, { service }]): [string, Runner][] =>
    service.current && (wanted === undefined || wanted === slot) ? [[slot, service.current]] : [],
  );
  const [first, ...others] = serving;
  if (!first) throw new ReasonError('command.nothing_served', wanted ?? 'no slot serves');
  if (others.length > 0) throw new ReasonError('command.nothing_served', 'several slots serve: name one');
  return first;
}

function notAllowed(): ReasonError {
  return new ReasonError('command.not_allowed', 'the desired state does not allow captures');
}
