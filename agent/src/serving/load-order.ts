import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { Release, ReleaseFile } from '@flotilla/protocol';
import { ReasonError } from '../reason-error.ts';
import type { LoadOrder } from '../runner/contract.ts';

/** What a runner must be told to serve a staged release. `stagedDir` holds its files. */
export function loadOrderOf(release: Release, stagedDir: string, socketPath: string, deviceId: string): LoadOrder {
  const modelPath = pathOfRole(release, 'model', stagedDir);
  if (!modelPath) throw new ReasonError('release.malformed', 'the release names no model file');
  const labelsPath = pathOfRole(release, 'labels', stagedDir);
  const referencePath = pathOfRole(release, 'reference', stagedDir);
  const { name, version } = release.model;
  const { settings, input } = release;
  const order = { modelName: name, modelVersion: version, modelPath, settings, input, socketPath };
  const optional = { ...(labelsPath && { labelsPath }), ...(referencePath && { referencePath }) };
  return { ...order, seed: seedOf(deviceId), ...optional };
}

export function pathOfRole(release: Release, role: ReleaseFile['role'], stagedDir: string): string | undefined {
  const file = release.files.find((each) => each.role === role);
  return file && join(stagedDir, file.path);
}

/** 31 bits of the device's id, so that every device sees inputs of its own, the same after every restart. */
function seedOf(deviceId: string): number {
  return createHash('sha256').update(deviceId).digest().readUInt32BE(0) >>> 1;
}
