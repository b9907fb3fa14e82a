import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { totalmem } from 'node:os';
import { join } from 'node:path';

const READ_BYTES = 2 ** 20;

/**
 * Has the machine keep pages of a file until none of its memory is free, as after days of work: a system that must find room for each page takes
 * twice as long in it as one that was started a minute ago, and the first windows would meet the one, the last the other. The file is as long as
 * memory and takes no room on the disk; its pages go first when others need theirs.
 */
export async function fillMemory(dir: string): Promise<void> {
  const path = join(dir, 'memory');
  const file = await open(path, 'w');
  await file.truncate(totalmem());
  await file.close();
  for await (const _ of createReadStream(path, { highWaterMark: READ_BYTES }));
}
