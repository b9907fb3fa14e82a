import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { TAR_END, tarHeader, tarPadding } from '../container/image/tar.ts';
import { MemoryFileSystem } from '../state/testing/memory-file-system.ts';
import { unpackAgent } from './unpack.ts';

type Entry = { path: string; bytes?: Buffer; type?: string; mode?: string; size?: number };

function tar(entries: Entry[], end = TAR_END): Buffer {
  const parts = entries.flatMap(({ path, bytes = Buffer.alloc(0), type = '0', mode = '0000644', size }) => {
    const header = tarHeader(path, size ?? bytes.length);
    header.write(`${mode}\0`, 100);
    header.write(type, 156);
    return [checked(header), bytes, tarPadding(bytes.length)];
  });
  return Buffer.concat([...parts, end]);
}

function checked(header: Buffer): Buffer {
  header.write('        ', 148);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return header;
}

async function unpack(archive: Buffer, unpackedBytes = 1_000_000): Promise<MemoryFileSystem> {
  const fs = new MemoryFileSystem();
  await fs.makeDir();
  const file = await fs.create('/d/archive');
  await file.write(archive);
  await unpackAgent(fs, '/d/archive', '/d/program', unpackedBytes, new AbortController().signal);
  return fs;
}
const top = 'flotilla-agent';
const big = Buffer.alloc(300_000, 'x');

test('files lie under their own paths, whole and durable', async () => {
  const entries = [
    { path: `${top}/`, type: '5' },
    { path: `${top}/agent.mjs`, bytes: Buffer.from('agent') },
    { path: `${top}/bin/node`, bytes: big, mode: '0000755' },
    { path: `${top}/empty` },
  ];
  const fs = (await unpack(gzipSync(tar(entries)))).afterPowerCut({ names: 'synced', bytes: 'synced' });
  const text = async (path: string) => Buffer.from((await fs.read(path)) ?? 'missing').toString();
  expect(await text('/d/program/agent.mjs')).toBe('agent');
  expect(await text('/d/program/bin/node')).toBe(big.toString());
  expect(await text('/d/program/empty')).toBe('');
});

test.each<[string, Entry[], RegExp]>([
  ['a path to above', [{ path: `${top}/../../etc/passwd` }], /outside its folder/],
  ['an absolute path', [{ path: '/etc/passwd' }], /outside its folder/],
  ['another folder', [{ path: 'other/agent.mjs' }], /outside its folder/],
  ['the folder itself as a file', [{ path: top }], /outside its folder/],
  ['a hidden file', [{ path: `${top}/.npmrc` }], /outside its folder/],
  ['a symbolic link', [{ path: `${top}/bin`, type: '2' }], /neither a file nor a folder/],
  ['a hard link', [{ path: `${top}/bin`, type: '1' }], /neither a file nor a folder/],
  ['a device', [{ path: `${top}/null`, type: '3' }], /neither a file nor a folder/],
  ['an extended header', [{ path: `${top}/pax`, type: 'x' }], /neither a file nor a folder/],
  [
    'more than was signed',
    [
      { path: `${top}/a`, bytes: big },
      { path: `${top}/b`, bytes: big },
    ],
    /unpacks to more than 500000/,
  ],
  ['a size that is a lie', [{ path: `${top}/a`, size: 400_000 }], /in the middle of a file/],
])('%s is refused, and nothing is written for it', async (_, entries, sentence) => {
  const attempt = unpack(gzipSync(tar(entries)), 500_000);
  await expect(attempt).rejects.toMatchObject({ code: 'upgrade.package', message: expect.stringMatching(sentence) });
});

test.each<[string, Buffer]>([
  ['no gzip', Buffer.from('not an archive')],
  ['cut gzip', gzipSync(tar([{ path: `${top}/a`, bytes: big }])).subarray(0, 100)],
  ['no tar', gzipSync(Buffer.alloc(512, 'x'))],
])('%s is refused', async (_, archive) => {
  await expect(unpack(archive)).rejects.toMatchObject({ code: 'upgrade.package' });
});
