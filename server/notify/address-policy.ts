import { lookup as lookupName } from 'node:dns/promises';
import { BlockList, isIP } from 'node:net';

/** Which addresses messages may go to. People of any organization choose them, so that they must not reach into the server's own network. */
export type AddressPolicy = {
  /** Private and loopback addresses too: for an installation whose receivers stand beside it. */
  allowsPrivate: boolean;
};

export type ResolvedAddress = { address: string; family: 4 | 6 };

/** Never, whatever the operator says: link-local with the metadata services of clouds, multicast, reserved. */
const never = new BlockList();
for (const [net, prefix] of [
  ['0.0.0.0', 8],
  ['169.254.0.0', 16],
  ['192.0.0.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
] as const)
  never.addSubnet(net, prefix, 'ipv4');
for (const [net, prefix] of [
  ['fe80::', 10],
  ['fd00:ec2::', 32],
  ['ff00::', 8],
] as const)
  never.addSubnet(net, prefix, 'ipv6');
never.addAddress('::', 'ipv6');

const onRequest = new BlockList();
for (const [net, prefix] of [
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
] as const)
  onRequest.addSubnet(net, prefix, 'ipv4');
onRequest.addSubnet('fc00::', 7, 'ipv6');
onRequest.addAddress('::1', 'ipv6');

/** IPv6 forms that carry an IPv4 address inside: mapped, translated (NAT64), 6to4. */
const EMBEDDED = /^(?:::ffff:|64:ff9b::|2002:)/i;

export function mayReach(address: string, { allowsPrivate }: AddressPolicy): boolean {
  const family = isIP(address);
  if (family === 0) return false;
  const type = family === 4 ? 'ipv4' : 'ipv6';
  // BlockList looks through the mapped form by itself; the others are refused, since nobody needs them here.
  if (type === 'ipv6' && EMBEDDED.test(address) && !/^::ffff:/i.test(address)) return false;
  if (never.check(address, type)) return false;
  return allowsPrivate || !onRequest.check(address, type);
}

/**
 * The address that a name stands for, looked up once and to be connected to as it is: a name that says something else a moment later
 * leads nowhere else. @throws Error that names the host, and the setting that would allow it
 */
export async function resolveAllowed(host: string, policy: AddressPolicy): Promise<ResolvedAddress> {
  const name = host.replace(/^\[(.*)\]$/, '$1');
  const found = await lookupName(name, { all: true }).catch(() => {
    throw new Error(`The name ${name} is not known.`);
  });
  const allowed = found.find(({ address }) => mayReach(address, policy));
  if (allowed) return { address: allowed.address, family: allowed.family === 6 ? 6 : 4 };
  throw new Error(
    policy.allowsPrivate
      ? `${name} lies at an address that messages never go to.`
      : `${name} lies at a private address. The operator of this installation may allow that with FLOTILLA_ALERTS_TO_PRIVATE_ADDRESSES=true.`,
  );
}
