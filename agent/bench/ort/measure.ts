import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { sessionOptions, sessionSettings } from '../../src/runner/session-settings.ts';
import { KERNEL, readUsableMachine } from '../../src/runner/usable-machine.ts';
import type { Answer, Block, Order } from './contract.ts';

/** One session in a process of its own, made by ONNX Runtime's defaults or as the runner makes it here; measured when it is asked. */

let session: InferenceSession;
let shape: number[] = [];

process.on('message', (order: Order) => {
  void carryOut(order).then((answer) => process.send?.(answer));
});

async function carryOut(order: Order): Promise<Answer> {
  switch (order.op) {
    case 'load': {
      const settings = sessionSettings(await readUsableMachine(KERNEL), {});
      session = await InferenceSession.create(order.path, order.settings === 'ours' ? sessionOptions(settings) : {});
      shape = order.shape;
      for (let run = 0; run < 5; run++) await session.run(inputs(1));
      return { threads: settings.threads };
    }
    case 'block':
      return await block(order);
    case 'batch':
      for (const size of [order.size, 1, 1]) await session.run(inputs(size));
      await delay(500);
      return { rssMiB: Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) / 1024 };
  }
}

async function block({ durationMs, paceMs }: Block): Promise<Answer> {
  const given = inputs(1);
  const timesMs: number[] = [];
  const before = process.cpuUsage();
  for (const endMs = performance.now() + durationMs; performance.now() < endMs; ) {
    const startedMs = performance.now();
    await session.run(given);
    timesMs.push(performance.now() - startedMs);
    if (paceMs > 0) await delay(paceMs);
  }
  const { user, system } = process.cpuUsage(before);
  return { timesMs, cpuMs: (user + system) / 1000 / timesMs.length };
}

function inputs(batch: number): Record<string, Tensor> {
  const dims = [batch, ...shape];
  const data = new Float32Array(dims.reduce((product, each) => product * each, 1)).fill(0.5);
  return { input: new Tensor('float32', data, dims) };
}
