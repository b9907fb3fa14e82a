import { type GroupRoom, groupRooms } from './budget.ts';
import { holdsPlace } from './deadlines.ts';
import type { RolloutPlan } from './plan.ts';
import { roomInRate } from './rates.ts';
import { isRetryable, retryAt } from './retries.ts';
import type { WaveMember } from './thresholds.ts';
import { windowAt } from './windows.ts';

/** Why a device whose wave is on is not told at this moment, and when that changes, where a clock decides it. */
export type Hold =
  | { code: 'device.offline' }
  | { code: 'retry.waiting'; nextAt: Date }
  | { code: 'window.download'; nextAt: Date }
  | { code: 'budget.group'; room: GroupRoom }
  | { code: 'rate.concurrency'; moving: number; most: number }
  | { code: 'rate.limited'; nextAt: Date | null; perMinute: number };

export type Admission = { told: string[]; held: Map<string, Hold> };

/**
 * Who of the waiting devices of these waves is told now, and why each of the others is not. The one place that holds a device back: the
 * engine acts on it and "why is this device not updating?" reads from it, so that the two never disagree.
 * @param all every device of the rollout: limits are shared by its waves.
 */
export function admit(
  plan: RolloutPlan,
  all: readonly WaveMember[],
  open: readonly WaveMember[],
  now: Date,
): Admission {
  const admission: Admission = { told: [], held: new Map() };
  const waiting = open.filter((member) => member.state === 'queued' || isRetryable(member, plan.retries));
  if (waiting.length === 0) return admission;
  const limits = new Limits(plan, all, now);
  for (const member of waiting) {
    const hold = holdOf(plan, member, now) ?? limits.take(member);
    if (hold) admission.held.set(member.deploymentId, hold);
    else admission.told.push(member.deploymentId);
  }
  return admission;
}

function holdOf({ offline, retries }: RolloutPlan, member: WaveMember, now: Date): Hold | null {
  if (!member.isReachable && !offline.notifyDark) return { code: 'device.offline' };
  const nextAt = member.state === 'queued' ? now : retryAt(member, retries);
  return nextAt > now ? { code: 'retry.waiting', nextAt } : null;
}

/** What is left of window, budget, concurrency and rate while devices are admitted one after the other. */
class Limits {
  private readonly plan: RolloutPlan;
  private readonly groups: Map<string, GroupRoom>;
  private readonly holding: ReadonlySet<WaveMember>;
  private readonly closed: Hold | null;
  private readonly rate: ReturnType<typeof roomInRate>;
  private moving: number;
  private told = 0;

  constructor(plan: RolloutPlan, all: readonly WaveMember[], now: Date) {
    this.plan = plan;
    this.holding = new Set(all.filter((member) => holdsPlace(member, plan, now)));
    this.groups = plan.budget ? groupRooms(plan.budget, all, (member) => this.holding.has(member)) : new Map();
    const window = plan.windows.download ? windowAt(plan.windows.download, now) : null;
    this.closed = window && !window.isOpen ? { code: 'window.download', nextAt: window.opensAt } : null;
    this.moving = this.holding.size;
    const toldAt = all.flatMap(({ notifiedAt }) => (notifiedAt ? [notifiedAt] : []));
    const succeeded = all.filter(({ state }) => state === 'succeeded').length;
    this.rate = plan.rate
      ? roomInRate(plan.rate, succeeded, toldAt, now)
      : { room: Number.POSITIVE_INFINITY, nextAt: null, perMinute: Number.POSITIVE_INFINITY };
  }

  /** Takes a place for the device, or the one that it has; or says what there is no room in. */
  take(member: WaveMember): Hold | null {
    if (this.closed) return this.closed;
    const group = this.groups.get(member.group);
    const own = this.holding.has(member) ? 1 : 0;
    if (group && group.moving - own >= group.most) return { code: 'budget.group', room: { ...group } };
    const most = this.plan.concurrency ?? Number.POSITIVE_INFINITY;
    if (this.moving - own >= most) return { code: 'rate.concurrency', moving: this.moving, most };
    if (this.told >= this.rate.room)
      return { code: 'rate.limited', nextAt: this.rate.nextAt, perMinute: this.rate.perMinute };
    if (group) group.moving += 1 - own;
    this.moving += 1 - own;
    this.told += 1;
    return null;
  }
}
