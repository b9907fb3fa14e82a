import * as z from 'zod';

/**
 * Why something did not happen, as a closed list: code → the sentence an operator reads. The part before the dot is the
 * category. A newer agent may send a code that this list does not know yet; it parses, and {@link reasonSentence} says so.
 */
export const reasonSentences = {
  'download.network': 'The device could not reach the server to download the release.',
  'download.not_found': 'The server does not have the file any more, or does not offer it to this device.',
  'download.too_large': 'The download was longer than the release says, so the device stopped it.',
  'download.too_slow': 'The download fell below the slowest speed the device accepts.',
  'verify.digest': 'The downloaded bytes do not have the digest that was signed. They were thrown away.',
  'verify.size': 'The downloaded file does not have the size that was signed.',
  'verify.path': 'The release names a file outside its own folder.',
  'storage.full': 'The device has no room left for the release beside the one it serves.',
  'storage.io': 'The device could not write to its disk.',
  'release.opset': 'The model needs a newer ONNX opset than the runtime on this device supports.',
  'release.runtime': 'The device cannot run this kind of runtime.',
  'release.memory': 'The device has too little memory for this release.',
  'release.input': 'The input that the release names is not available on this device.',
  'release.malformed': 'The device does not understand this release.',
  'release.platform': "The image is not made for this device's processor.",
  'container.engine': 'The container engine of this device did not do what the agent asked.',
  'container.engine_away': 'The container engine of this device does not answer.',
  'container.registry_auth': 'The registry refused the image with the credentials that this organization has for it.',
  'runner.start': 'The runner did not start.',
  'runner.load': 'ONNX Runtime could not load the model.',
  'runner.crashed': 'The runner crashed.',
  'runner.oom_killed': 'The runner was killed for using too much memory.',
  'runner.timeout': 'The runner did not answer in time.',
  'proof.golden': 'The model gave other answers on this device than it should for the golden inputs.',
  'proof.latency_p95': 'The release was slower on this device than its limit.',
  'proof.rss': 'The release used more memory on this device than its limit.',
  'proof.energy': 'The release used more energy per inference on this device than its limit.',
  'proof.accuracy': 'The release was less accurate on this device than its limit.',
  'observe.crashes': 'After the switch the release crashed too often, so the device went back.',
  'observe.errors': 'After the switch too many inferences failed, so the device went back.',
  'observe.latency': 'After the switch the release was slower than its limit, so the device went back.',
  'desired.signature': 'A desired state with a bad signature arrived. It was refused; someone may be tampering.',
  'desired.unknown_key': 'A desired state was signed by a key this device does not trust. It was refused.',
  'desired.wrong_device': 'A desired state for another device arrived. It was refused.',
  'desired.stale': 'A desired state older than the accepted one arrived. It was refused.',
  'desired.expired': 'A desired state arrived after it had expired. What runs keeps running.',
  'desired.frozen':
    'The desired state has expired and no fresh one has reached the device: the server is away, or kept away.',
  'desired.malformed': 'A desired state arrived that this agent does not understand.',
  'command.signature': 'A command with a bad signature arrived. It was refused; someone may be tampering.',
  'command.unknown_key': 'A command was signed by a key this device does not trust. It was refused.',
  'command.wrong_device': 'A command for another device arrived. It was refused.',
  'command.expired': 'A command arrived after it had expired. It was not carried out.',
  'command.malformed': 'A command arrived that this agent does not understand.',
  'command.unknown_op': 'This agent does not know the operation that the command asks for.',
  'command.bad_args': 'The command asked for something that this agent does not understand.',
  'command.not_allowed': 'The organization does not allow its devices to keep inputs. It was refused.',
  'command.nothing_served': 'Nothing is in service in that slot.',
  'command.busy': 'The device is already doing this.',
  'command.upload': 'The device could not hand its archive to the server.',
  'window.download': 'The device downloads only in the window that was set, and waits for it to open.',
  'window.activate': 'The device switches only in the window that was set, and waits for it to open.',
  'penalty.box': 'This release failed too often on this device; it is tried again later.',
  'agent.restarted': 'The agent restarted in the middle of the switch and went back to what it knew to be good.',
  'upgrade.unsupported':
    'This agent was not started by its launcher, so it cannot replace itself. Run the install command on the device once.',
  'upgrade.platform': "There is no package of this agent for the device's processor.",
  'upgrade.package': 'The package is not one of an agent. Nothing of it was used.',
  'upgrade.proof': 'The new agent does not run on this device, or cannot read what the one in service has written.',
  'upgrade.crashed': 'The new agent ended before it had confirmed itself, so the device went back to the one before.',
  'upgrade.no_server':
    'The new agent did not reach the server in its time, or lost it again, so the device went back to the one before.',
  'upgrade.slots':
    'With the new agent the models did not serve again in its time, or not without breaks, so the device went back to the one before.',
  'superseded.newer': 'A newer desired state took its place.',
} as const;

export type KnownReasonCode = keyof typeof reasonSentences;

export const ReasonCode = z.string().regex(/^[a-z][a-z0-9_]*\.[a-z0-9_]{1,48}$/);

/** `retry` tells what the device will do by itself: nothing, try again at `nextTryAt` (epoch ms), or try again at once. */
export const Reason = z.looseObject({
  code: ReasonCode,
  detail: z.string().max(1000),
  retry: z.enum(['never', 'later', 'now']),
  nextTryAt: z.number().int().optional(),
});
export type Reason = z.infer<typeof Reason>;

export function reasonSentence(code: string): string {
  const known = Object.entries(reasonSentences).find(([each]) => each === code);
  return known ? known[1] : `The device gave a reason this server does not know yet (${code}).`;
}
