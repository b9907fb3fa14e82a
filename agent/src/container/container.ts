import * as z from 'zod';
import { delay } from '../delay.ts';
import { reasonErrorOf } from '../reason-error.ts';
import { type Engine, EngineError } from './engine/engine.ts';
import { tailLogs } from './engine/logs.ts';

/** Between the polite end and SIGKILL. */
const STOP_TIMEOUT_S = 2;

/** The engine restarts: it is asked again after this. */
const ENGINE_RETRY_MS = 1_000;

const Created = z.looseObject({ Id: z.string() });
const Inspected = z.looseObject({
  State: z.looseObject({
    Running: z.boolean(),
    Pid: z.number(),
    ExitCode: z.number(),
    OOMKilled: z.boolean(),
  }),
  NetworkSettings: z.looseObject({
    Ports: z.record(z.string(), z.array(z.looseObject({ HostPort: z.string() })).nullable()),
  }),
});

/** `isEngineGone`: the engine went away under it, which stops every container. */
export type ContainerExit = { code: number | null; isOutOfMemory: boolean; isEngineGone: boolean; lastLines: string[] };

/** One container that was started. */
export type RunningContainer = { id: string; pid: number; hostPort: number | null; exited: Promise<ContainerExit> };

/** Creates and starts; nothing is left of it when that fails, also not of one whose creation the engine did not live to answer. */
export async function startContainer(engine: Engine, name: string, spec: object): Promise<RunningContainer> {
  try {
    const call = { method: 'POST', path: '/containers/create', query: { name }, body: spec } as const;
    const { Id: id } = await engine.json(call, Created);
    await engine.run({ method: 'POST', path: `/containers/${id}/start` });
    const { State, NetworkSettings } = await engine.json({ method: 'GET', path: `/containers/${id}/json` }, Inspected);
    const [binding] = Object.values(NetworkSettings.Ports).flatMap((each) => each ?? []);
    const hostPort = binding ? Number(binding.HostPort) : null;
    return { id, pid: State.Pid, hostPort, exited: waitForEnd(engine, id) };
  } catch (error) {
    const removed = removeContainer(engine, name).catch(() => {});
    if (reasonErrorOf(error).code !== 'container.engine_away') await removed;
    throw error;
  }
}

/** Resolves when the engine has stopped it. One that is away is asked again until it answers: what nobody stops would run for ever. */
export async function stopContainer(engine: Engine, id: string): Promise<void> {
  const call = { method: 'POST', path: `/containers/${id}/stop`, query: { t: String(STOP_TIMEOUT_S) } } as const;
  await insist(() =>
    engine.run(call).catch((error: unknown) => {
      if (!(error instanceof EngineError && error.status === 404)) throw error;
    }),
  );
}

/** By id or name, running or not; missing is fine. As insistent as {@link stopContainer}. */
export async function removeContainer(engine: Engine, id: string): Promise<void> {
  await insist(() => engine.remove(`/containers/${id}`, { force: 'true', v: 'true' }));
}

async function insist(ask: () => Promise<void>): Promise<void> {
  while (true) {
    try {
      return await ask();
    } catch (error) {
      if (reasonErrorOf(error).code !== 'container.engine_away') throw error;
      await delay(ENGINE_RETRY_MS);
    }
  }
}

/** Resolves when the container has ended, or is gone. An engine that does not answer ends nothing. */
async function waitForEnd(engine: Engine, id: string): Promise<ContainerExit> {
  let isEngineGone = false;
  while (true) {
    try {
      await engine.run({ method: 'POST', path: `/containers/${id}/wait`, timeoutMs: 0 });
    } catch (error) {
      // Asked again below: the engine may have restarted, or the container be gone.
      isEngineGone ||= reasonErrorOf(error).code === 'container.engine_away';
    }
    try {
      const found = await engine.find({ method: 'GET', path: `/containers/${id}/json` }, Inspected);
      if (!found) return { code: null, isOutOfMemory: false, isEngineGone, lastLines: [] };
      const { Running, ExitCode, OOMKilled } = found.State;
      if (!Running) {
        return { code: ExitCode, isOutOfMemory: OOMKilled, isEngineGone, lastLines: await tailLogs(engine, id) };
      }
    } catch {
      await delay(ENGINE_RETRY_MS);
    }
  }
}
