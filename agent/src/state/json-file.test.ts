import { expect, test } from 'vitest';
import * as z from 'zod';
import { JsonFile } from './json-file.ts';
import { cutVariants, MemoryFileSystem, PowerCut } from './testing/memory-file-system.ts';

const Value = z.object({ n: z.number(), text: z.string() });
const at = (fs: MemoryFileSystem) => new JsonFile(fs, '/d/state/value.json', Value);

test('a power cut at any operation leaves the old value or the new one, and a finished save stays', async () => {
  let points = 0;
  for (let cutAt = 1; ; cutAt++) {
    const disk = new MemoryFileSystem();
    await at(disk).save({ n: 1, text: 'old' });
    disk.cutAt = disk.operations + cutAt;
    const isSaved = await at(disk)
      .save({ n: 2, text: 'the new and longer value' })
      .then(() => true)
      .catch((error) => {
        expect(error).toBeInstanceOf(PowerCut);
        return false;
      });
    for (const variant of cutVariants) {
      const found = await at(disk.afterPowerCut(variant)).load();
      expect(isSaved ? [2] : [1, 2], JSON.stringify({ cutAt, variant })).toContain(found?.n);
    }
    if (isSaved) break;
    points += 1;
  }
  expect(points).toBeGreaterThanOrEqual(5);
});

test('saves made at the same time end in the last one', async () => {
  const disk = new MemoryFileSystem();
  const file = at(disk);
  await Promise.all([1, 2, 3].map((n) => file.save({ n, text: 'x' })));
  expect((await at(disk.afterPowerCut(cutVariants[0])).load())?.n).toBe(3);
});

test('damage is an error, not an empty state', async () => {
  const disk = new MemoryFileSystem();
  const file = await disk.create('/d/state/value.json');
  await file.write(Buffer.from('{"n":'));
  await expect(at(disk).load()).rejects.toThrow(/damaged/);
});
