import { expect, test } from 'vitest';
import { freeSubnet } from './subnet.ts';

const head = 'Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT';
const route = (destination: string, mask: string) => `eth0\t${destination}\t00000000\t0001\t0\t0\t0\t${mask}\t0\t0\t0`;
const defaultRoute = 'eth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0';

test.each([
  ['nothing but the way out', [defaultRoute], [], '10.213.0.0/26'],
  ['a site that uses the first networks', [route('0000D50A', '00FEFFFF')], [], '10.213.2.0/26'],
  ['a network of the engine, up', [route('0000D50A', 'C0FFFFFF')], [], '10.213.0.64/26'],
  ['networks of the engine, down', [], ['10.213.0.0/26', '10.213.0.64/28', '172.17.0.0/16'], '10.213.0.128/26'],
  ['a subnet whose address is one inside it', [], ['10.213.0.70/26'], '10.213.0.0/26'],
  ['IPv6 and what nobody understands', ['garbage'], ['fd00::/64', ''], '10.213.0.0/26'],
  ['a site that uses all of 10.0.0.0/8', [route('0000000A', '000000FF')], [], null],
])('with %s', (_, routes, taken, expected) => {
  expect(freeSubnet([head, ...routes].join('\n'), taken)).toBe(expected);
});
