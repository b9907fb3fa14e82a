import { join } from 'node:path';
import { listNames, readText } from '../telemetry/sys-file.ts';

/** What drivers put there for each chip that they run, by the folder of their class. `accel` is the kernel's own for NPUs. */
const classes: [string, RegExp, string][] = [
  ['class/hailo_chardev', /^hailo\d+$/, 'Hailo'],
  ['class/apex', /^apex_\d+$/, 'Google Edge TPU'],
  ['class/accel', /^accel\d+$/, 'NPU'],
];

/** The protocol's bound. */
const MAX_ACCELERATORS = 16;

/** Chips of this machine that run models faster than its processor, as their drivers name them; empty where there are none. */
export async function readAccelerators(sysfs: string, procfs: string): Promise<string[]> {
  const found: string[] = [];
  for (const [folder, pattern, name] of classes) {
    for (const chip of await listNames(join(sysfs, folder), pattern)) {
      const driver = /DRIVER=(\S+)/.exec((await readText(join(sysfs, folder, chip, 'device/uevent'))) ?? '')?.[1];
      found.push(driver && name === 'NPU' ? `NPU (${driver})` : name);
    }
  }
  const gpus = join(procfs, 'driver/nvidia/gpus');
  for (const gpu of await listNames(gpus, /./)) {
    const model = /^Model:\s*(.+)$/m.exec((await readText(join(gpus, gpu, 'information'))) ?? '')?.[1];
    found.push(model ?? 'NVIDIA GPU');
  }
  for (const gpu of await listNames(
    join(sysfs, 'devices'),
    /^(17000000\.(gpu|ga10b|gv11b|gp10b)|57000000\.gpu|gpu\.0)$/,
  ))
    if (!found.some((each) => each.startsWith('NVIDIA')))
      found.push(`NVIDIA Tegra GPU${gpu === 'gpu.0' ? '' : ` (${gpu.split('.')[1]})`}`);
  return found.slice(0, MAX_ACCELERATORS);
}
