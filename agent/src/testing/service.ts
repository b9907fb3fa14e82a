import { cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Reason, Release } from '@flotilla/protocol';
import { OipEndpoint } from '../serving/endpoint.ts';
import { loadOrderOf } from '../serving/load-order.ts';
import { RunnerProcess } from '../serving/runner-process.ts';
import { SlotService } from '../serving/slot-service.ts';
import { demoRelease } from './demo-release.ts';
import { uuid } from './release.ts';

const entry = join(import.meta.dirname, '../runner/main.ts');
const models = join(import.meta.dirname, '../../demo-models');

/** A slot's service with real runners and a real endpoint, without an agent around it. */
export function createService(dir: string) {
  const endpoint = new OipEndpoint('test');
  const troubles: Reason[] = [];
  const stagedDir = (releaseId: string) => join(dir, releaseId);
  let sockets = 0;
  const launch = async (release: Release) => {
    const socketPath = join(dir, `${++sockets}.sock`);
    const runner = new RunnerProcess(entry, release, socketPath);
    await runner
      .load(loadOrderOf(release, stagedDir(release.id), socketPath, uuid(1)))
      .catch(async (error: unknown) => {
        await runner.stop();
        throw error;
      });
    return runner;
  };
  const onTrouble = (_: string, reason: Reason) => void troubles.push(reason);
  const service = new SlotService({
    slot: 'default',
    endpoint,
    launch,
    onTrouble,
    onChange: () => {},
    random: () => 0,
  });
  /** A demo model with its files laid out as staging does. */
  const staged = (version: 1 | 2 | 3, changes: Partial<Release> = {}): Release => {
    const release = demoRelease(new Map(), version, changes);
    mkdirSync(stagedDir(release.id));
    cpSync(join(models, `vibration-fault-${version}.0.0.onnx`), join(stagedDir(release.id), 'model.onnx'));
    cpSync(join(models, `vibration-fault-${version}.0.0.golden.json`), join(stagedDir(release.id), 'golden.json'));
    cpSync(join(models, 'labels.json'), join(stagedDir(release.id), 'labels.json'));
    return release;
  };
  return { endpoint, service, stagedDir, staged, troubles };
}
