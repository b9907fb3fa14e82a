import { describe, expect, it } from 'vitest';
import { mayReach, resolveAllowed } from './address-policy.ts';

const cases: [string, boolean, boolean][] = [
  // address, by default, when private ones are allowed
  ['93.184.216.34', true, true],
  ['2606:2800:220:1:248:1893:25c8:1946', true, true],
  ['127.0.0.1', false, true],
  ['10.1.2.3', false, true],
  ['172.31.0.1', false, true],
  ['192.168.1.1', false, true],
  ['100.64.0.1', false, true],
  ['::1', false, true],
  ['fd12::1', false, true],
  ['::ffff:10.0.0.1', false, true],
  ['::ffff:93.184.216.34', true, true],
  ['169.254.169.254', false, false],
  ['::ffff:169.254.169.254', false, false],
  ['fd00:ec2::254', false, false],
  ['fe80::1', false, false],
  ['0.0.0.0', false, false],
  ['::', false, false],
  ['224.0.0.1', false, false],
  ['255.255.255.255', false, false],
  ['64:ff9b::a9fe:a9fe', false, false],
  ['2002:a9fe:a9fe::', false, false],
  ['not an address', false, false],
];

it.each(cases)('%s', (address, byDefault, whenAllowed) => {
  expect(mayReach(address, { allowsPrivate: false })).toBe(byDefault);
  expect(mayReach(address, { allowsPrivate: true })).toBe(whenAllowed);
});

describe('a name', () => {
  it('is one address, and the refusal says what would allow it', async () => {
    expect(await resolveAllowed('localhost', { allowsPrivate: true })).toMatchObject({ address: expect.any(String) });
    await expect(resolveAllowed('localhost', { allowsPrivate: false })).rejects.toThrow(
      'FLOTILLA_ALERTS_TO_PRIVATE_ADDRESSES',
    );
    await expect(resolveAllowed('[::1]', { allowsPrivate: true })).resolves.toEqual({ address: '::1', family: 6 });
  });

  it('that nobody knows is said so', () =>
    expect(resolveAllowed('nowhere.invalid', { allowsPrivate: true })).rejects.toThrow('nowhere.invalid is not known'));
});
