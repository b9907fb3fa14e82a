import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The variable of UEFI's global name space; the first four bytes of the file are its attributes. */
const SECURE_BOOT = 'firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c';
const ATTRIBUTE_BYTES = 4;

/** Did the firmware check what it started? undefined where it cannot tell: no UEFI, or its variables are not mounted. */
export async function readSecureBoot(sysfs: string): Promise<boolean | undefined> {
  const bytes = await readFile(join(sysfs, SECURE_BOOT)).catch(() => null);
  return bytes && bytes.length > ATTRIBUTE_BYTES ? bytes[ATTRIBUTE_BYTES] === 1 : undefined;
}
