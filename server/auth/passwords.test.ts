import { describe, expect, it } from 'vitest';
import { hashPassword, verifyPassword } from './passwords.ts';

const PASSWORD = 'correct horse battery staple';

describe('a password', () => {
  it('is recognised, and no other is', async () => {
    const hash = await hashPassword(PASSWORD);
    expect(await verifyPassword(PASSWORD, hash)).toBe(true);
    expect(await verifyPassword(`${PASSWORD} `, hash)).toBe(false);
    expect(await verifyPassword('', hash)).toBe(false);
  });

  it('is salted: the same one has another hash each time', async () => {
    expect(await hashPassword(PASSWORD)).not.toBe(await hashPassword(PASSWORD));
  });

  it('is the same in composed and decomposed letters', async () => {
    expect(await verifyPassword('cafe\u0301 au lait', await hashPassword('caf\u00e9 au lait'))).toBe(true);
  });

  it('is verified with the parameters in the hash, so that old hashes stay good', async () => {
    const weaker = 'scrypt$1024$8$1$AAECAwQFBgcICQoLDA0ODw$mp90zEQd5XGhjEv4WArVH4Z0XRSzkGWtJK2S_AXJlRU';
    expect(await verifyPassword(PASSWORD, weaker)).toBe(true);
    expect(await verifyPassword('another', weaker)).toBe(false);
  });

  it('of an unknown user, or with a damaged hash, costs the same time and is refused', async () => {
    const hash = await hashPassword(PASSWORD);
    const timeOf = async (stored: string | null) => {
      const times: number[] = [];
      for (let round = 0; round < 2; round++) {
        const start = performance.now();
        expect(await verifyPassword('wrong', stored)).toBe(false);
        times.push(performance.now() - start);
      }
      return Math.min(...times);
    };
    const known = await timeOf(hash);
    for (const stored of [null, 'scrypt$broken']) expect(await timeOf(stored)).toBeGreaterThan(known / 3);
  });
});
