import { beforeEach, describe, expect, it } from 'vitest';
import { testClock } from '../../testing/clock.ts';
import { testDatabase } from '../../testing/database.ts';
import { CreateOwner, createOwner } from './create-owner.ts';
import { findSession } from './find-session.ts';
import { setUpState } from './set-up-state.ts';
import { signIn } from './sign-in.ts';
import { signOut } from './sign-out.ts';

const database = testDatabase();
const PASSWORD = 'correct horse battery staple';
const DAY_MS = 86_400_000;
const owner = (email: string, organizationName = 'Harbour Røbotics AS') =>
  CreateOwner.parse({ organizationName, name: 'Ada', email, password: PASSWORD });
const from = (address: string) => ({ address, userAgent: 'test' });

let clock = testClock();
const deps = () => ({ db: database.db(), now: clock.now });

describe('the first visit', () => {
  it('makes one owner, however many come at once, and then the door is closed', async () => {
    expect(await setUpState(deps())).toEqual({ needsOwner: true });
    const visits = await Promise.allSettled(
      Array.from({ length: 8 }, (_, index) =>
        createOwner(deps(), owner(`Ada${index}@Example.test `, `Harbour ${index}`)),
      ),
    );
    const [winner, ...others] = visits.toSorted((a) => (a.status === 'fulfilled' ? -1 : 1));
    expect(winner).toMatchObject({ status: 'fulfilled', value: { slug: expect.stringMatching(/^harbour-\d$/) } });
    for (const other of others) {
      expect(other).toMatchObject({ status: 'rejected', reason: { code: 'conflict', reason: 'already_set_up' } });
    }
    expect(await database.db().organization.count()).toBe(1);
    expect(await setUpState(deps())).toEqual({ needsOwner: false });
    await expect(createOwner(deps(), owner('late@example.test'))).rejects.toMatchObject({ reason: 'already_set_up' });
    expect(await database.db().auditEntry.count({ where: { action: 'organization.create' } })).toBe(1);
  });
});

describe('signing in', () => {
  let email: string;
  beforeEach(async () => {
    clock = testClock();
    await database.db().organization.deleteMany();
    await database.db().user.deleteMany();
    await database.db().rateLimit.deleteMany();
    email = 'ada@example.test';
    await createOwner(deps(), owner(email));
  });

  it('starts a session that names the user and the organizations, and is in the audit log', async () => {
    const { sessionId, userId } = await signIn(deps(), { email, password: PASSWORD }, from('192.0.2.1'));
    expect(await findSession(deps(), sessionId)).toMatchObject({
      sessionId,
      userId,
      email,
      name: 'Ada',
      memberships: [{ role: 'owner', slug: 'harbour-r-botics-as', name: 'Harbour Røbotics AS' }],
    });
    const audit = { action: 'session.start', actorId: userId, subjectId: sessionId };
    expect(await database.db().auditEntry.count({ where: audit })).toBe(1);
  });

  it('answers alike for a wrong password, an unknown address and a disabled account', async () => {
    const refusal = (input: { email: string; password: string }) =>
      signIn(deps(), input, from('192.0.2.1')).catch(({ code, reason, userMessage }) => ({
        code,
        reason,
        userMessage,
      }));
    const wrong = await refusal({ email, password: 'wrong' });
    expect(wrong).toMatchObject({ code: 'unauthenticated', reason: 'wrong_credentials' });
    expect(await refusal({ email: 'nobody@example.test', password: PASSWORD })).toEqual(wrong);
    await database.db().user.updateMany({ data: { disabledAt: clock.now() } });
    expect(await refusal({ email, password: PASSWORD })).toEqual(wrong);
    expect(await database.db().userSession.count()).toBe(0);
  });

  it('is limited per e-mail address, also for attempts at the same time; success takes nothing', async () => {
    for (let round = 0; round < 3; round++) await signIn(deps(), { email, password: PASSWORD }, from('192.0.2.1'));
    const attempts = Array.from({ length: 14 }, (_, index) =>
      signIn(deps(), { email, password: 'wrong' }, from(`192.0.2.${index}`)).catch((error) => error.code),
    );
    const codes = await Promise.all(attempts);
    expect(codes.filter((code) => code === 'unauthenticated')).toHaveLength(10);
    expect(codes.filter((code) => code === 'rate_limited')).toHaveLength(4);
    const refused = signIn(deps(), { email, password: PASSWORD }, from('192.0.2.99'));
    await expect(refused).rejects.toMatchObject({ code: 'rate_limited', retryAfterS: expect.any(Number) });
    clock.forwardMs(900_000);
    await signIn(deps(), { email, password: PASSWORD }, from('192.0.2.99'));
  });

  it('is limited per network address', async () => {
    const start = new Date(Math.floor(clock.now().getTime() / 900_000) * 900_000);
    await signIn(deps(), { email: 'x', password: 'wrong' }, from('192.0.2.7')).catch(() => {});
    await database.db().rateLimit.updateMany({
      where: { key: { startsWith: 'sign-in-address' }, windowStart: start },
      data: { count: 50 },
    });
    await expect(signIn(deps(), { email, password: PASSWORD }, from('192.0.2.7'))).rejects.toMatchObject({
      code: 'rate_limited',
    });
    await signIn(deps(), { email, password: PASSWORD }, from('192.0.2.8'));
  });

  it('lasts 30 days after its last use, and use is written at most every five minutes', async () => {
    const { sessionId } = await signIn(deps(), { email, password: PASSWORD }, from('192.0.2.1'));
    const row = () => database.db().userSession.findUniqueOrThrow({ where: { id: sessionId } });
    const { lastSeenAt } = await row();
    clock.forwardMs(60_000);
    await findSession(deps(), sessionId);
    expect((await row()).lastSeenAt).toEqual(lastSeenAt);
    clock.forwardMs(29 * DAY_MS);
    expect(await findSession(deps(), sessionId)).not.toBeNull();
    expect((await row()).lastSeenAt).toEqual(clock.now());
    clock.forwardMs(29 * DAY_MS);
    expect(await findSession(deps(), sessionId)).not.toBeNull();
    clock.forwardMs(31 * DAY_MS);
    expect(await findSession(deps(), sessionId)).toBeNull();
  });

  it('ends at once when it is revoked or its user is disabled; ending it twice is one entry in the audit log', async () => {
    const one = await signIn(deps(), { email, password: PASSWORD }, from('192.0.2.1'));
    const two = await signIn(deps(), { email, password: PASSWORD }, from('192.0.2.1'));
    await signOut(deps(), one.sessionId);
    await signOut(deps(), one.sessionId);
    expect(await findSession(deps(), one.sessionId)).toBeNull();
    expect(await findSession(deps(), two.sessionId)).not.toBeNull();
    const audit = { action: 'session.end', subjectId: one.sessionId };
    expect(await database.db().auditEntry.count({ where: audit })).toBe(1);
    await database.db().user.updateMany({ data: { disabledAt: clock.now() } });
    expect(await findSession(deps(), two.sessionId)).toBeNull();
    expect(await findSession(deps(), 'not an id')).toBeNull();
  });
});
