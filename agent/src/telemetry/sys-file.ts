import { readdir, readFile } from 'node:fs/promises';

/** One value of sysfs or procfs: text without its end of line; null when it is missing, unreadable or empty. */
export async function readText(path: string): Promise<string | null> {
  try {
    return (await readFile(path, 'utf8')).replaceAll('\0', '').trim() || null;
  } catch {
    return null;
  }
}

/** A number; null when it is missing or none. Some drivers give an error or a blank while a chip sleeps. */
export async function readNumber(path: string): Promise<number | null> {
  const text = await readText(path);
  const value = text === null ? Number.NaN : Number(text);
  return Number.isFinite(value) ? value : null;
}

/** Names in a folder that match, sorted; none when it is missing. */
export async function listNames(path: string, pattern: RegExp): Promise<string[]> {
  try {
    return (await readdir(path)).filter((name) => pattern.test(name)).sort();
  } catch {
    return [];
  }
}
