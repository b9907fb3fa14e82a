import { GoldenFile, ReferenceProfile } from '@flotilla/protocol';
import { insertReference, type ReferenceSource } from '../../db/drift.ts';
import type { Scope } from '../../db/scope.ts';
import { calibrate } from '../../domain/accuracy/calibration.ts';
import { parseProbabilityRows } from '../../domain/accuracy/probability-rows.ts';
import { defaultFeatures, elementsOf } from '../../domain/drift/features.ts';
import { LEARN_HOURS, newLearning } from '../../domain/drift/learn.ts';
import { MIN_PROFILE_SAMPLES, profileFeatures, profileOutputs, type Sample } from '../../domain/drift/profile.ts';
import { binsOfProfile, driftKinds } from '../../domain/drift/reference.ts';
import { parseSamples } from '../../domain/drift/samples.ts';
import { AppError } from '../../domain/errors.ts';
import type { OnnxFacts } from '../../domain/onnx/facts.ts';
import type { ArtifactStore, ReceivedFile } from '../deps.ts';
import { readJsonFile, readTextFile } from '../models/read-json-file.ts';

export type NamedFile = { path: string; role: string; file: ReceivedFile };
export type MadeReference = { profile: ReferenceProfile; source: Exclude<ReferenceSource, 'learned'>; isMade: boolean };

type Store = { artifacts: ArtifactStore };

/**
 * The reference profile of a version that is being registered: its own file, checked against the model, or one made from a file of samples,
 * of probabilities with their labels, or of enough golden inputs. Null when there is none of these: then it is learned in the field.
 * @throws AppError `invalid`, saying what is wrong with which file.
 */
export async function referenceOf(
  deps: Store,
  received: readonly NamedFile[],
  facts: OnnxFacts,
): Promise<MadeReference | null> {
  const fileOf = (role: string) => received.find((each) => each.role === role);
  const [own, samples, calibration, golden] = ['reference', 'samples', 'calibration', 'golden'].map(fileOf);
  if (own && (samples || calibration))
    throw wrong(own.path, 'is a whole reference; leave out the files that one would be made from.');
  if (own) return { profile: await readProfile(deps, own, facts), source: 'registered', isMade: false };
  if (samples || calibration) {
    const rows = samples
      ? parseSamples(samples.path, await readTextFile(deps, samples.path, samples.file), facts.inputs)
      : [];
    if (samples && rows.length < MIN_PROFILE_SAMPLES) throw tooFew(samples.path, rows.length);
    const outputs = calibration ? await readCalibration(deps, calibration) : {};
    return { profile: profileOf(rows, facts, outputs), source: 'samples', isMade: true };
  }
  return golden ? ofGolden(deps, golden, facts) : null;
}

/** Stores what the version is compared with; kinds that the profile says nothing of are learned. */
export async function registerReference(
  scope: Scope,
  versionId: string,
  made: MadeReference | null,
  now: Date,
): Promise<void> {
  const kinds = new Set(made ? binsOfProfile(made.profile).map(({ kind }) => kind) : []);
  await insertReference(scope, {
    versionId,
    source: made?.source ?? 'learned',
    profile: made?.profile ?? null,
    learning: kinds.size === driftKinds.length ? null : newLearning(),
    learnHours: LEARN_HOURS,
    now,
  });
}

async function readProfile(deps: Store, { path, file }: NamedFile, facts: OnnxFacts): Promise<ReferenceProfile> {
  const profile = await readJsonFile(deps, path, file, ReferenceProfile);
  const inputs = facts.inputs.map(({ name }) => name);
  const stray = profile.features.find(({ input }) => !inputs.includes(input));
  if (stray)
    throw wrong(
      path,
      `watches "${stray.name}" of an input "${stray.input}", which the model does not have. Its inputs are ${inputs.join(', ')}.`,
    );
  return profile;
}

type Outputs = Pick<ReferenceProfile, 'outputs' | 'calibration'>;

async function readCalibration(deps: Store, { path, file }: NamedFile): Promise<Outputs> {
  const { rows, classes } = parseProbabilityRows(path, await readTextFile(deps, path, file));
  if (rows.length < MIN_PROFILE_SAMPLES) throw tooFew(path, rows.length);
  const { calibration } = calibrate(rows, classes);
  const outputs = profileOutputs(
    rows.map(({ probabilities }) => probabilities),
    classes,
  );
  return { outputs, calibration: calibration ?? identity(classes) };
}

/** Probabilities that are right as they are still have to be told: without a curve a device estimates nothing. */
function identity(classes: number): NonNullable<ReferenceProfile['calibration']> {
  return { classes, curves: [{ x: [0, 1], y: [0, 1] }] };
}

function profileOf(samples: readonly Sample[], facts: OnnxFacts, { outputs, calibration }: Outputs): ReferenceProfile {
  return ReferenceProfile.parse({
    v: 1,
    samples: samples.length > 0 ? samples.length : sampleCount(outputs),
    features: profileFeatures(defaultFeatures(facts.inputs), samples),
    ...(outputs ? { outputs } : {}),
    ...(calibration ? { calibration } : {}),
  });
}

function sampleCount(outputs: ReferenceProfile['outputs']): number {
  return outputs?.confidence?.reduce((sum, count) => sum + count, 0) ?? 0;
}

/** Golden inputs are chosen to be checked, not as a sample; from {@link MIN_PROFILE_SAMPLES} on they are taken for one. */
async function ofGolden(deps: Store, { path, file }: NamedFile, facts: OnnxFacts): Promise<MadeReference | null> {
  const { cases } = await readJsonFile(deps, path, file, GoldenFile);
  const samples = cases.flatMap(({ inputs }) => rowsOf(inputs, facts));
  if (samples.length < MIN_PROFILE_SAMPLES) return null;
  return { profile: profileOf(samples, facts, {}), source: 'golden', isMade: true };
}

/** The samples of one request: as many as its first input holds. */
function rowsOf(inputs: GoldenFile['cases'][number]['inputs'], { inputs: ports }: OnnxFacts): Sample[] {
  const widths = inputs.map(({ name, data }) => {
    const port = ports.find((each) => each.name === name);
    return Math.max(1, (port && elementsOf(port)) ?? data.length);
  });
  const rows = Math.floor((inputs[0]?.data.length ?? 0) / (widths[0] ?? 1));
  return Array.from(
    { length: rows },
    (_, row) =>
      new Map(
        inputs.map(({ name, data }, at) => {
          const width = widths[at] ?? 1;
          return [name, data.slice(row * width, (row + 1) * width).map(Number)];
        }),
      ),
  );
}

function tooFew(path: string, rows: number): AppError {
  return wrong(path, `has ${rows} rows; a reference needs at least ${MIN_PROFILE_SAMPLES}.`);
}

function wrong(path: string, why: string): AppError {
  return new AppError({ code: 'invalid', reason: 'reference', userMessage: `${path} ${why} Nothing was kept.` });
}
