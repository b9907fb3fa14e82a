import { ReferenceProfile } from '@flotilla/protocol';
import { beforeAll, describe, expect, it } from 'vitest';
import { findReference } from '../../db/drift.ts';
import type { ModelVersion } from '../../db/models.ts';
import { forTenant } from '../../db/scope.ts';
import { demoFile, partsOf } from '../../testing/fleet.ts';
import { type TestFleet, testFleet } from '../../testing/test-fleet.ts';
import { RegisterVersion, registerVersion } from '../models/register-version.ts';
import { ResetReference, resetReference } from './reset-reference.ts';

let deps: TestFleet['deps'];
let ours: TestFleet['ours'];
let onnx: Buffer;
const fleet = testFleet(async (made) => {
  ({ deps, ours } = made);
});
beforeAll(async () => {
  onnx = await demoFile('vibration-fault-1.0.0.onnx');
});

const register = (...files: [Parameters<typeof partsOf>[0][0], string, string][]) =>
  registerVersion(
    deps,
    ours.owner,
    RegisterVersion.parse({ model: 'vibration', version: '1' }),
    partsOf(
      ['model', 'm.onnx', onnx],
      ...files.map(([role, path, text]): Parameters<typeof partsOf>[0] => [role, path, Buffer.from(text)]),
    ),
  );
const stored = ({ id }: ModelVersion) => findReference(forTenant(fleet.db, ours.organizationId), id);
async function profileOf({ files }: ModelVersion): Promise<ReferenceProfile> {
  const sha256 = files.find(({ role }) => role === 'reference')?.sha256 ?? '';
  const chunks = await (await deps.artifacts.open(sha256)).toArray();
  return ReferenceProfile.parse(JSON.parse(Buffer.concat(chunks).toString('utf8')));
}
/** The model's only input, as a file of samples needs it. */
async function inputOf(): Promise<{ name: string; elements: number }> {
  const { facts } = await register();
  await fleet.db.modelVersion.deleteMany({ where: { organizationId: ours.organizationId } });
  const [input] = facts.inputs;
  const sizes = (input?.shape ?? []).slice(1).map(Number);
  return { name: input?.name ?? '', elements: sizes.reduce((product, size) => product * size, 1) };
}
const probabilities = (rows: number) =>
  Array.from({ length: rows }, (_, at) =>
    JSON.stringify({ probabilities: [0.95, 0.05], label: at % 10 < 6 ? 0 : 1 }),
  ).join('\n');

describe('a reference', () => {
  it('of its own is what devices get and what the server compares with; what it says nothing of is learned', async () => {
    const { name } = await inputOf();
    const feature = { name: 'first', input: name, of: { element: 0 }, edges: [0], counts: [5, 5] };
    const profile = { v: 1, samples: 10, features: [feature] };
    const version = await register(['reference', 'ref.json', JSON.stringify(profile)]);
    expect(await profileOf(version)).toMatchObject(profile);
    expect(await stored(version)).toMatchObject({
      source: 'registered',
      registered: [{ kind: 'input', name: 'first', counts: [5, 5, 0] }],
      learning: { hours: 0 },
    });
  });

  it('is made of samples and probabilities, which are not kept', async () => {
    const { name, elements } = await inputOf();
    const samples = Array.from({ length: 300 }, (_, at) =>
      JSON.stringify({ [name]: Array.from({ length: elements }, (_, i) => Math.sin(at * 7 + i) * (1 + at / 300)) }),
    ).join('\n');
    const version = await register(['samples', 's.jsonl', samples], ['calibration', 'c.jsonl', probabilities(400)]);
    expect(version.files.map(({ role }) => role).toSorted()).toEqual(['model', 'reference']);
    const profile = await profileOf(version);
    expect(profile.samples).toBe(300);
    expect(profile.features.length).toBeGreaterThanOrEqual(4);
    expect(profile.features[0]?.counts.reduce((sum, count) => sum + count, 0)).toBe(300);
    expect(profile.outputs?.classCounts).toEqual([400, 0]);
    expect(profile.calibration?.classes).toBe(2);
    expect(await stored(version)).toMatchObject({ source: 'samples', learning: null });
    await expect(
      resetReference(deps, ours.owner, ResetReference.parse({ model: 'vibration', version: '1' })),
    ).rejects.toMatchObject({ code: 'conflict', reason: 'reference_registered' });
  });

  it('is learned when none is registered', async () => {
    const version = await register();
    expect(await stored(version)).toMatchObject({ source: 'learned', registered: [], learning: { hours: 0 } });
  });

  it.each<[string, Parameters<typeof register>, string]>([
    ['of another form', [['reference', 'r.json', '{"v":1,"features":[]}']], 'samples'],
    [
      'of an input that the model has not',
      [
        [
          'reference',
          'r.json',
          JSON.stringify({
            v: 1,
            samples: 2,
            features: [{ name: 'x', input: 'nowhere', of: { element: 0 }, edges: [0], counts: [1, 1] }],
          }),
        ],
      ],
      'which the model does not have. Its inputs are',
    ],
    ['of few samples', [['samples', 's.jsonl', '']], 'no rows'],
    ['of samples of something else', [['samples', 's.csv', 'a,b,c\n1,2,3\n']], 'no input of the model'],
    ['of few probabilities', [['calibration', 'c.jsonl', probabilities(10)]], 'at least 200'],
    [
      'beside the files it would be made from',
      [
        ['reference', 'r.json', '{}'],
        ['samples', 's.jsonl', '[1]'],
      ],
      'leave out',
    ],
  ])('%s is refused, and nothing is kept', async (_, files, why) => {
    await expect(register(...files)).rejects.toMatchObject({
      code: 'invalid',
      userMessage: expect.stringContaining(why),
    });
    expect(await fleet.db.modelVersion.count({ where: { organizationId: ours.organizationId } })).toBe(0);
    expect(await fleet.db.versionReference.count({ where: { organizationId: ours.organizationId } })).toBe(0);
  });
});
