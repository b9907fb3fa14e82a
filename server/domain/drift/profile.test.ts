import { ReferenceProfile } from '@flotilla/protocol';
import { describe, expect, it } from 'vitest';
import { defaultFeatures, featureValue } from './features.ts';
import { profileFeatures, profileOutputs } from './profile.ts';
import { parseSamples } from './samples.ts';

const port = (name: string, shape: (number | string | null)[]) => ({ name, elementType: 'float32', shape });

describe('what is watched of the inputs', () => {
  it('is each element of a small one, and statistics of a large one or one of any size', () => {
    const names = (shape: (number | string)[]) => defaultFeatures([port('in/x', shape)]).map(({ name }) => name);
    expect(names(['batch', 3])).toEqual(['in_x[0]', 'in_x[1]', 'in_x[2]']);
    expect(names([1])).toEqual(['in_x[0]']);
    expect(names([4])).toHaveLength(4);
    expect(names([1, 3, 224, 224])).toEqual(['in_x.mean', 'in_x.sd', 'in_x.min', 'in_x.max']);
    expect(names([1, 'length'])).toHaveLength(4);
  });

  it('is no more than a release may, with names of their own', () => {
    const many = Array.from({ length: 20 }, (_, at) => port(`a${at % 10}`, [1, 4]));
    const features = defaultFeatures(many);
    expect(features).toHaveLength(32);
    expect(new Set(features.map(({ name }) => name)).size).toBe(32);
  });

  it.each([
    [{ stat: 'mean' } as const, 2],
    [{ stat: 'sd' } as const, Math.sqrt(8 / 3)],
    [{ stat: 'rms' } as const, Math.sqrt(20 / 3)],
    [{ stat: 'min' } as const, 0],
    [{ stat: 'max' } as const, 4],
    [{ element: 1 }, 2],
  ])('%j of 0, 2, 4 is %d', (of, value) => expect(featureValue(of, [0, 2, 4])).toBeCloseTo(value, 12));

  it('is no number of an element that is not there', () => expect(featureValue({ element: 9 }, [0])).toBeNaN());
});

describe('a profile of samples', () => {
  const definitions = defaultFeatures([port('x', ['n', 2])]);

  it('has deciles, counts that add up, and what is missing; it is valid on the wire', () => {
    const samples = Array.from({ length: 1_000 }, (_, at) => new Map([['x', [at, at % 10 === 0 ? Number.NaN : 7]]]));
    const features = profileFeatures(definitions, samples);
    expect(features[0]).toMatchObject({ edges: [100, 200, 300, 400, 500, 600, 700, 800, 900], missing: 0 });
    expect(features[0]?.counts).toEqual(new Array(10).fill(100));
    expect(features[1]).toMatchObject({ counts: [0, 900, 0], missing: 100 });
    expect(ReferenceProfile.parse({ v: 1, samples: 1_000, features })).toMatchObject({ samples: 1_000 });
  });

  it('counts a value that many share in a bin of its own, wherever it lies', () => {
    const samples = Array.from({ length: 100 }, (_, at) => new Map([['x', [at < 95 ? 0 : at, at]]]));
    expect(profileFeatures(definitions, samples)[0]?.counts).toEqual([0, 95, 5]);
  });

  it('counts answers and how sure they were', () => {
    const { classCounts, confidence } = profileOutputs(
      [
        [0.9, 0.1],
        [0.2, 0.8],
        [0, 1],
      ],
      2,
    );
    expect([classCounts, confidence?.[18], confidence?.[16], confidence?.[19]]).toEqual([[1, 2], 1, 1, 1]);
  });
});

describe('a file of samples', () => {
  const one = [port('x', ['n', 2])];
  it.each([
    ['JSON lines by name', '{"x":[1,2]}\n{"x":[[3,4]]}\n'],
    ['JSON lines of the only input', '[1,2]\n[3,4]'],
    ['CSV by place', 'x[1],x[0]\n2,1\n4,3\n'],
    ['CSV with names of its own', 'speed,load\r\n1,2\r\n3,4\r\n'],
  ])('may be %s', (_, text) => {
    expect(parseSamples('s', text, one).map((sample) => sample.get('x'))).toEqual([
      [1, 2],
      [3, 4],
    ]);
  });

  it('may lack a number', () => {
    expect(parseSamples('s', 'x[0],x[1]\n1,\n', one)[0]?.get('x')).toEqual([1, Number.NaN]);
    expect(parseSamples('s', '[1,null]', one)[0]?.get('x')).toEqual([1, Number.NaN]);
  });

  it.each([
    ['', 'no rows'],
    ['{"y":[1,2]}', 'no input of the model: x'],
    ['[1,2,3]', 'the model takes 2'],
    ['{"x":["a",2]}', 'no number'],
    ['[1,2]\n{', 'line 2 is not JSON'],
    ['5\n', 'no input of the model'],
    ['x[0],x[1]\n1,2,3\n', 'line 2 has 3 columns'],
    ['x[0],x[1],z\n1,2,3\n', '"z"'],
  ])('that is wrong is refused: %j', (text, why) => {
    expect(() => parseSamples('s', text, one)).toThrow(
      expect.objectContaining({ code: 'invalid', userMessage: expect.stringContaining(why) }),
    );
  });
});
