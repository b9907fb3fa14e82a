import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto';

/** OWASP's scrypt setting with 32 MiB: N = 2^15, r = 8, p = 3. Old hashes keep theirs, which is written in them. */
const DEFAULT = { cost: 32_768, blockSize: 8, parallelization: 3 };

const SALT_BYTES = 16;
const KEY_BYTES = 32;

/** scrypt refuses more memory than this; it needs 128 · N · r bytes and a little. */
const MAX_MEMORY_BYTES = 128 * 1024 * 1024;

const FORMAT = /^scrypt\$(\d{1,7})\$(\d{1,2})\$(\d{1,2})\$([A-Za-z0-9_-]{22})\$([A-Za-z0-9_-]{43})$/;

/** `scrypt$N$r$p$salt$key`, salt and key in base64url. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const key = await derive(password, salt, DEFAULT);
  const { cost, blockSize, parallelization } = DEFAULT;
  return ['scrypt', cost, blockSize, parallelization, salt.toString('base64url'), key.toString('base64url')].join('$');
}

/** Compares in constant time. `null` stands for an unknown user: it costs the same time, and the answer is false. */
export async function verifyPassword(password: string, hash: string | null): Promise<boolean> {
  const match = FORMAT.exec(hash ?? '');
  if (!match) {
    await derive(password, randomBytes(SALT_BYTES), DEFAULT);
    return false;
  }
  const [, cost, blockSize, parallelization, salt = '', key = ''] = match;
  const actual = await derive(password, Buffer.from(salt, 'base64url'), {
    cost: Number(cost),
    blockSize: Number(blockSize),
    parallelization: Number(parallelization),
  });
  return timingSafeEqual(actual, Buffer.from(key, 'base64url'));
}

/** The same letters typed on another keyboard or system are the same password. */
function derive(password: string, salt: Buffer, options: ScryptOptions): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(password.normalize('NFKC'), salt, KEY_BYTES, { ...options, maxmem: MAX_MEMORY_BYTES }, (error, key) =>
      error ? reject(error) : resolve(key),
    );
  });
}
