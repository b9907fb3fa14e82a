/** A device that may go first. */
export type Candidate = { deviceId: string; hardwareClass: string };

/**
 * Orders devices so that however many go first, they cover the hardware: each next device is of the class that is furthest behind its
 * share of the fleet, and no class comes a second time before every class has come once. The largest class leads; within a class the
 * given order stays, so that the same fleet gives the same canaries.
 */
export function pickCanaries<T extends Candidate>(devices: readonly T[]): T[] {
  const classes = [...Map.groupBy(devices, ({ hardwareClass }) => hardwareClass)]
    .map(([name, members]) => ({ name, members, taken: 0 }))
    .sort((a, b) => b.members.length - a.members.length || compareText(a.name, b.name));
  const order: T[] = [];
  for (const { members } of classes) order.push(...members.slice(0, 1));
  for (const each of classes) each.taken = 1;
  while (order.length < devices.length) {
    const next = classes.reduce((behind, each) => (lag(each) > lag(behind) ? each : behind));
    const [device] = next.members.slice(next.taken, next.taken + 1);
    if (!device) break;
    order.push(device);
    next.taken += 1;
  }
  return order;
}

/** How far a class is behind: members still to come, for each that has (Sainte-Laguë). A class that is used up is never behind. */
function lag({ members, taken }: { members: readonly unknown[]; taken: number }): number {
  return taken >= members.length ? 0 : members.length / (2 * taken + 1);
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
