import type { DeploymentState } from '../domain/rollout/states.ts';
import type { Document, World } from './rollout-world.ts';

/** What a device does when it gets a turn. `newer` is another rollout that takes it. */
export type Turn = 'step' | 'fail' | 'reject' | 'revert' | 'dark' | 'back' | 'newer';

/** What becomes of the messages that are under way. */
export type Wire = 'deliver' | 'lose' | 'twice' | 'out-of-order' | 'hold';

const way: DeploymentState[] = [
  'accepted',
  'downloading',
  'verifying',
  'staging',
  'proving',
  'switching',
  'observing',
  'succeeded',
];

type Report = { device: string; rev: number; deployment: string; state: DeploymentState };
type Device = { told: Document | null; state: DeploymentState | null; rev: number; storedRev: number };

/** Devices with their own memory, and a wire that loses, repeats and shuffles: they know what they were told, the server what it heard. */
export class Fleet {
  private readonly world: World;
  private readonly devices = new Map<string, Device>();
  private wire: Report[] = [];

  constructor(world: World) {
    this.world = world;
  }

  take(id: string, turn: Turn): void {
    if (turn === 'dark' || turn === 'back') this.setReachable(id, turn === 'back');
    else if (turn === 'newer') this.world.supersede(id);
    else if (this.isReachable(id)) this.act(id, this.deviceOf(id), turn);
  }

  private act(id: string, device: Device, turn: Turn): void {
    this.read(id, device);
    const next = nextState(device.state, turn);
    if (!device.told || !next) return;
    device.state = next;
    this.say(id, device);
  }

  /** A device that comes back says where it stands, once more. */
  private setReachable(id: string, isReachable: boolean): void {
    for (const world of [this.world, this.world.back])
      for (const member of world?.members ?? []) if (member.deviceId === id) member.isReachable = isReachable;
    const device = this.deviceOf(id);
    if (isReachable && device.state) this.say(id, device);
  }

  carry(how: Wire): void {
    if (how === 'hold') return;
    const under = how === 'out-of-order' ? this.wire.toReversed() : this.wire;
    this.wire = [];
    if (how === 'lose') return;
    for (const report of how === 'twice' ? [...under, ...under] : under) this.ingest(report);
  }

  private say(device: string, state: Device): void {
    state.rev += 1;
    if (state.told && state.state)
      this.wire.push({ device, rev: state.rev, deployment: state.told.deployment, state: state.state });
  }

  /** Only what is newer than the last report counts. */
  private ingest({ device: id, rev, deployment, state }: Report): void {
    const device = this.deviceOf(id);
    if (rev <= device.storedRev) return;
    device.storedRev = rev;
    this.world.report(deployment, state);
  }

  /** The newest document, and never an older one. The same deployment told again changes nothing. */
  private read(id: string, device: Device): void {
    const document = this.world.documents.get(id);
    if (!document || document.generation === device.told?.generation) return;
    if (document.generation < (device.told?.generation ?? 0))
      this.world.wrongs.push(`${id} was told an older generation`);
    if (document.deployment !== device.told?.deployment) device.state = null;
    device.told = document;
  }

  private isReachable(id: string): boolean {
    return this.world.members.some(({ deviceId, isReachable }) => deviceId === id && isReachable);
  }

  private deviceOf(id: string): Device {
    const known = this.devices.get(id);
    if (known) return known;
    const made: Device = { told: null, state: null, rev: 0, storedRev: 0 };
    this.devices.set(id, made);
    return made;
  }
}

/** One step on its way. A device that failed for now tries again by itself. */
function nextState(state: DeploymentState | null, turn: Turn): DeploymentState | null {
  if (state === null || state === 'failed') return turn === 'fail' && state === null ? 'failed' : 'accepted';
  const at = way.indexOf(state);
  if (state === 'succeeded' || at < 0) return state === 'succeeded' && turn === 'revert' ? 'reverted' : null;
  if (turn === 'fail') return 'failed';
  if (turn === 'reject') return 'rejected';
  return turn === 'revert' && at >= way.indexOf('switching') ? 'reverted' : (way[at + 1] ?? null);
}
