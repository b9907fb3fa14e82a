import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A package that is in what a device gets, whole or in part. */
export type Component = { name: string; version: string; license?: string };

/** What the manifest in this folder says of its package. */
export async function componentIn(folder: string): Promise<Component> {
  const { name, version, license } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
  return { name, version, ...(typeof license === 'string' && { license }) };
}

/** A software bill of materials as CycloneDX 1.6 has it, the same for the same components. */
export function cycloneDx(product: Component, components: Component[]): string {
  const sorted = [...components].sort((a, b) => purl(a).localeCompare(purl(b)));
  const document = {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: { component: { type: 'application', ...entryOf(product) } },
    components: sorted.map((each) => ({ type: 'library', ...entryOf(each) })),
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

function entryOf({ license, ...component }: Component): object {
  const reference = purl(component);
  return {
    'bom-ref': reference,
    ...component,
    purl: reference,
    ...(license !== undefined && { licenses: [{ expression: license }] }),
  };
}

function purl({ name, version }: Component): string {
  return `pkg:npm/${name.replace('@', '%40')}@${version}`;
}
