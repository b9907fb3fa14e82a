import { mayMove } from '../domain/deployment/from-report.ts';
import { noSamples } from '../domain/rollout/gates/samples.ts';
import type { RolloutPlan } from '../domain/rollout/plan.ts';
import { perMinute } from '../domain/rollout/rates.ts';
import { rollbackPlan } from '../domain/rollout/rollback-plan.ts';
import { type DeploymentState, isInFlight, isRolloutFinished, type WaveState } from '../domain/rollout/states.ts';
import { type Decision, type RolloutView, step, type WaveView } from '../domain/rollout/step.ts';
import type { WaveMember } from '../domain/rollout/thresholds.ts';
import { whyOf } from '../domain/rollout/why.ts';

/** What a person may do to a rollout of the histories. */
export type Person = 'nothing' | 'pause' | 'resume' | 'abort' | 'roll-back' | 'approve' | 'skip-wave';

/** What the server tells a device to become. */
export type Document = { generation: number; deployment: string };

const waveStateAfter: Partial<Record<Decision['kind'], WaveState>> = {
  'start-wave': 'rolling',
  'bake-wave': 'baking',
  'pass-wave': 'passed',
  'skip-wave': 'skipped',
  'fail-wave': 'failed',
};

/** Looks that one tick may take before it counts as going round in circles. */
const MAX_LOOKS = 40;

/** The server's part of a fleet in memory: applies decisions as the database does, and keeps a list of what must never happen. */
export class World {
  now = new Date('2026-03-01T00:00:00Z');
  readonly view: RolloutView;
  back: World | null = null;
  whyPaused = '';
  /** The newest document of each device, as the broker retains it: shared by a rollout and its way back. */
  readonly documents: Map<string, Document>;
  readonly wrongs: string[];
  private readonly toldAt: Date[] = [];
  private wasStopped = false;

  constructor(plan: RolloutPlan, waves: WaveMember[][], from?: World) {
    this.documents = from?.documents ?? new Map();
    this.wrongs = from?.wrongs ?? [];
    this.now = from?.now ?? this.now;
    const toWave = (members: WaveMember[], position: number): WaveView => ({
      position,
      members,
      state: 'pending',
      startedAt: null,
      bakingAt: null,
      approvedAt: null,
      samples: noSamples,
    });
    const state = plan.startsAt === null ? 'running' : 'scheduled';
    this.view = { state, stateSince: this.now, plan, waves: waves.map(toWave), rollback: null };
  }

  get members(): WaveMember[] {
    return this.view.waves.flatMap(({ members }) => members);
  }

  get isOver(): boolean {
    return isRolloutFinished(this.view.state);
  }

  /** One tick of the engine: looks until there is nothing left to decide. Returns whether anything was. */
  tick(now: Date, hasReasons = true): boolean {
    this.now = now;
    let isBusy = this.back?.tick(now, hasReasons) ?? false;
    for (let look = 0; look < MAX_LOOKS; look += 1) {
      this.lookAtRollback();
      const decisions = step(this.view, now);
      if (decisions.length === 0) {
        if (hasReasons) this.checkReasons();
        return isBusy;
      }
      isBusy = true;
      for (const decision of decisions) this.apply(decision);
    }
    this.wrongs.push('the engine does not come to rest');
    return isBusy;
  }

  /** A worker that is killed between its decision and its commit leaves nothing behind. */
  crash(now: Date): void {
    this.now = now;
    step(this.view, now);
  }

  person(what: Person): void {
    const { state } = this.view;
    const isOpen = state === 'running' || state === 'paused';
    if (what === 'pause' && state === 'running') this.pause('operator');
    if (what === 'resume' && state === 'paused') this.resume();
    if (what === 'approve' && this.whyPaused === 'approval' && state === 'paused') this.approve();
    if (what === 'skip-wave' && isOpen) this.skipWave();
    if (what === 'abort' && (isOpen || state === 'scheduled')) this.stop('aborting');
    if (what === 'roll-back' && isOpen) this.stop('rolling-back');
  }

  /** A device's word about a deployment, as ingest takes it. */
  report(deployment: string, state: DeploymentState): void {
    for (const member of [...this.members, ...(this.back?.members ?? [])])
      if (member.deploymentId === deployment && mayMove(member.state, state))
        Object.assign(member, { state, stateSince: this.now });
  }

  join(member: WaveMember): void {
    if (this.view.plan.target === 'continuous' && !this.isOver) this.view.waves.at(-1)?.members.push(member);
  }

  /** Another rollout moves the device: what is open of it here gives way. */
  supersede(device: string): void {
    for (const member of this.members) {
      const isOpen = member.state === 'queued' || isInFlight(member.state);
      if (member.deviceId === device && isOpen) Object.assign(member, { state: 'superseded', stateSince: this.now });
    }
  }

  private setState(state: RolloutView['state']): void {
    Object.assign(this.view, { state, stateSince: this.now });
  }

  private resume(): void {
    this.setState('running');
    const wave = this.view.waves.find(({ state }) => ['failed', 'rolling', 'baking'].includes(state));
    if (wave?.state === 'failed') wave.state = 'skipped';
    else if (wave?.state === 'rolling') wave.startedAt = this.now;
    else if (wave) wave.bakingAt = this.now;
  }

  private approve(): void {
    const wave = this.view.waves.find(({ state }) => state === 'pending');
    if (wave) wave.approvedAt = this.now;
    this.setState('running');
  }

  private skipWave(): void {
    const wave = this.view.waves.find(({ state }) => state !== 'passed' && state !== 'skipped');
    if (wave) wave.state = 'skipped';
  }

  private apply(decision: Decision): void {
    const state = waveStateAfter[decision.kind];
    if (state && 'position' in decision) this.setWave(decision.position, state);
    if (decision.kind === 'start') this.setState('running');
    if (decision.kind === 'notify') this.tell(decision.deploymentIds);
    if (decision.kind === 'time-out') this.set(decision.deploymentIds, 'timed-out');
    if (decision.kind === 'mark-reverted') this.set(decision.deploymentIds, 'reverted');
    if (decision.kind === 'cancel-queued') this.set(this.queued, 'cancelled');
    if (decision.kind === 'pause') this.pause(decision.why);
    if (decision.kind === 'abort') this.stop('aborting');
    if (decision.kind === 'roll-back') this.stop('rolling-back');
    if (decision.kind === 'create-rollback') this.rollBack();
    if (decision.kind === 'finish') this.setState(decision.state);
  }

  private setWave(position: number, state: WaveState): void {
    const { waves, plan } = this.view;
    const before = waves.filter((each) => each.position < position);
    const wave = waves[position];
    if (state === 'rolling' && before.some((each) => !['passed', 'skipped'].includes(each.state)))
      this.wrongs.push(`wave ${position} started too early`);
    if (state === 'rolling' && plan.waves[position]?.approval && wave?.approvedAt === null)
      this.wrongs.push(`wave ${position} started without approval`);
    if (state === 'passed' && plan.waves[position]?.bake.gates.some(({ onNoData }) => onNoData !== 'pass'))
      this.wrongs.push(`wave ${position} passed a gate without data`);
    const time = state === 'rolling' ? { startedAt: this.now } : state === 'baking' ? { bakingAt: this.now } : {};
    Object.assign(wave ?? {}, { state, ...time });
  }

  private tell(ids: string[]): void {
    if (this.wasStopped || this.view.state !== 'running') this.wrongs.push(`told a device while ${this.view.state}`);
    const told = this.members.filter(({ deploymentId }) => ids.includes(deploymentId));
    for (const member of told) {
      if (!['queued', 'failed', 'timed-out'].includes(member.state))
        this.wrongs.push(`told ${member.deploymentId} twice`);
      if (member.tries > this.view.plan.retries.count) this.wrongs.push(`told ${member.deploymentId} too often`);
      const generation = (this.documents.get(member.deviceId)?.generation ?? 0) + 1;
      this.documents.set(member.deviceId, { generation, deployment: member.deploymentId });
      const notified = { state: 'notified', stateSince: this.now, notifiedAt: this.now, tries: member.tries + 1 };
      Object.assign(member, notified);
      this.toldAt.push(this.now);
    }
    this.checkLimits(new Set(told.map(({ group }) => group)));
  }

  /**
   * The limits of the plan, counted anew from what was told and what is on its way. A group may lose a device by itself: then too few are
   * available, but none more may be told.
   */
  private checkLimits(toldGroups: ReadonlySet<string>): void {
    const { concurrency, rate, budget } = this.view.plan;
    const moving = this.members.filter(({ state }) => isInFlight(state));
    if (concurrency !== null && moving.length > concurrency) this.wrongs.push('more on their way than allowed');
    const succeeded = this.members.filter(({ state }) => state === 'succeeded').length;
    const recent = this.toldAt.filter((at) => at.getTime() > this.now.getTime() - 60_000).length;
    if (rate && recent > perMinute(rate, succeeded)) this.wrongs.push('told faster than the rate');
    for (const [group, all] of budget ? Map.groupBy(this.members, (each) => each.group) : []) {
      const down = all.filter(({ state }) => isInFlight(state)).length;
      const reachable = all.filter(({ state, isReachable }) => isReachable || isInFlight(state)).length;
      const needed = Math.min(budget?.minAvailable ?? 0, reachable - 1);
      if (down > (budget?.maxUnavailable ?? down)) this.wrongs.push(`too many of ${group} are unavailable`);
      if (toldGroups.has(group) && reachable - down < needed) this.wrongs.push(`too few of ${group} are available`);
    }
  }

  /** Nobody is without a reason; and once the engine rests, nobody waits for it. */
  private checkReasons(): void {
    const reasons = whyOf(this.view, new Map(), this.now);
    for (const { deploymentId } of this.members) {
      const why = reasons.get(deploymentId);
      if (!why || why.sentence === '') this.wrongs.push(`${deploymentId} has no reason`);
      if (why?.code === 'engine.next') this.wrongs.push(`${deploymentId} waits for nothing`);
    }
  }

  private pause(why: string): void {
    this.setState('paused');
    this.whyPaused = why;
  }

  private stop(state: 'aborting' | 'rolling-back'): void {
    this.setState(state);
    this.wasStopped = true;
  }

  private get queued(): string[] {
    return this.members.filter(({ state }) => state === 'queued').map(({ deploymentId }) => deploymentId);
  }

  private set(ids: string[], state: DeploymentState): void {
    for (const member of this.members)
      if (ids.includes(member.deploymentId)) Object.assign(member, { state, stateSince: this.now });
  }

  private rollBack(): void {
    if (this.back) this.wrongs.push('a second rollout back');
    const moved = this.members.filter(({ notifiedAt, state }) => notifiedAt !== null && state !== 'superseded');
    const members = moved.map(
      (each): WaveMember => ({
        ...each,
        ...{ deploymentId: `back-${each.deviceId}`, state: 'queued', notifiedAt: null, tries: 0 },
      }),
    );
    this.back = new World(rollbackPlan('default', this.view.plan.timeoutS), [members], this);
  }

  private lookAtRollback(): void {
    if (!this.back) return;
    const { members, view } = this.back;
    const told = new Set(members.filter(({ tries }) => tries > 0).map(({ deviceId }) => deviceId));
    const home = new Set(members.filter(({ state }) => state === 'succeeded').map(({ deviceId }) => deviceId));
    for (const member of this.members) {
      if (told.has(member.deviceId) && isInFlight(member.state))
        Object.assign(member, { state: 'superseded', stateSince: this.now });
      member.isBack = home.has(member.deviceId);
    }
    const allSucceeded = members.every(({ state }) => state === 'succeeded' || state === 'superseded');
    this.view.rollback = { state: view.state, allSucceeded };
  }
}
