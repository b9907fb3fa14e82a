/** Room for what a slot runs in a hand-over: two releases with all their companions, and the gateway. */
const PREFIX_BITS = 26;
const SIZE = 2 ** (32 - PREFIX_BITS);

/** Where a slot's network goes when the engine's own ranges are used up: a part of 10.0.0.0/8 that few sites use. */
const FIRST = toNumber('10.213.0.0');
const LAST = toNumber('10.213.255.255');

/** A range of IPv4 addresses, both ends included. */
type Range = { first: number; last: number };

/**
 * A network that nothing on this machine reaches already, as `a.b.c.d/26`; null when there is none left. `routes` is the text of
 * `/proc/net/route`; `taken` are networks of the engine, which may have no route while nothing runs in them.
 */
export function freeSubnet(routes: string, taken: string[]): string | null {
  const used = [...rangesOfRoutes(routes), ...taken.flatMap(rangeOf)];
  for (let first = FIRST; first < LAST; first += SIZE) {
    const last = first + SIZE - 1;
    if (!used.some((range) => range.first <= last && range.last >= first)) return `${toText(first)}/${PREFIX_BITS}`;
  }
  return null;
}

/** Columns of the kernel's table: interface, destination, gateway, … the eighth is the mask. The default route reaches all and says nothing. */
function rangesOfRoutes(routes: string): Range[] {
  const rows = routes.split('\n').slice(1);
  return rows.flatMap((row) => {
    const columns = row.trim().split(/\s+/);
    const [first, mask] = [fromKernel(columns[1]), fromKernel(columns[7])];
    return first === null || mask === null || mask === 0 ? [] : [{ first, last: first + (0xffffffff - mask) }];
  });
}

function rangeOf(subnet: string): Range[] {
  const [, address, bits] = /^(\d+\.\d+\.\d+\.\d+)\/(\d+)$/.exec(subnet) ?? [];
  if (!address || !bits) return [];
  const size = 2 ** (32 - Number(bits));
  const first = Math.floor(toNumber(address) / size) * size;
  return [{ first, last: first + size - 1 }];
}

/** The kernel prints an address as the number that it is in memory of this machine: the lowest byte first on all that we run on. */
function fromKernel(hex: string | undefined): number | null {
  return hex && /^[0-9A-F]{8}$/i.test(hex) ? Buffer.from(hex, 'hex').readUInt32LE() : null;
}

function toNumber(address: string): number {
  return address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
}

function toText(address: number): string {
  return [24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join('.');
}
