import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pickCanaries } from './pick-canaries.ts';

const fleet = (...classes: [name: string, count: number][]) =>
  classes.flatMap(([hardwareClass, count]) =>
    Array.from({ length: count }, (_, i) => ({ deviceId: `${hardwareClass}${i}`, hardwareClass })),
  );
const first = (count: number, devices: ReturnType<typeof fleet>) =>
  pickCanaries(devices)
    .slice(0, count)
    .map(({ deviceId }) => deviceId);

const anyFleet = fc
  .array(fc.record({ id: fc.nat(), hardwareClass: fc.constantFrom('a', 'b', 'c', 'd') }), { maxLength: 60 })
  .map((rows) => rows.map(({ hardwareClass }, at) => ({ deviceId: `d${at}`, hardwareClass })));

describe('canaries', () => {
  it('cover every class before any class comes twice, the largest first', () => {
    expect(first(4, fleet(['jetson', 2], ['pi', 10], ['nuc', 1]))).toEqual(['pi0', 'jetson0', 'nuc0', 'pi1']);
  });

  it('then follow the share of each class', () => {
    const picked = pickCanaries(fleet(['pi', 80], ['jetson', 20])).slice(0, 20);
    expect(picked.filter(({ hardwareClass }) => hardwareClass === 'jetson')).toHaveLength(4);
  });

  it('are all devices, each once, and the same for the same fleet', () => {
    fc.assert(
      fc.property(anyFleet, (devices) => {
        const order = pickCanaries(devices);
        expect(new Set(order)).toEqual(new Set(devices));
        expect(order).toHaveLength(devices.length);
        expect(pickCanaries(devices)).toEqual(order);
        const classes = new Set(devices.map(({ hardwareClass }) => hardwareClass)).size;
        expect(new Set(order.slice(0, classes).map(({ hardwareClass }) => hardwareClass)).size).toBe(classes);
      }),
    );
  });

  it('keep the given order within a class', () => {
    fc.assert(
      fc.property(anyFleet, (devices) => {
        for (const group of Map.groupBy(pickCanaries(devices), (each) => each.hardwareClass).values())
          expect(group).toEqual(devices.filter((each) => each.hardwareClass === group[0]?.hardwareClass));
      }),
    );
  });
});
