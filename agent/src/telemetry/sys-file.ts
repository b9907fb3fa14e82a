import { readFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';

/** One value of sysfs or procfs: text without its end of line; null when it is missing, unreadable or empty. */
export async function readText(path: string): Promise<string | null> {
  try {
    return textOf(await readFile(path, 'utf8'));
  } catch {
    return null;
  }
}

/** The same at once, for files that the kernel makes from its memory: a read is done before another thread would have begun it. */
export function readTextNow(path: string): string | null {
  try {
    return textOf(readFileSync(path, 'utf8'));
  } catch {
    return null;
  }
}

function textOf(raw: string): string | null {
  return raw.replaceAll('\0', '').trim() || null;
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
