import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';

/**
 * The software bill of materials (CycloneDX) of what runs in production, from the lockfile: the same lockfile gives the
 * same bytes. `--debian FILE` adds Node itself and Debian packages ("name version" a line), as the images' build does.
 */
const ROOT = path.dirname(import.meta.dirname);
const { values: options } = parseArgs({ options: { out: { type: 'string' }, debian: { type: 'string' } } });

interface Bom {
  serialNumber?: string;
  metadata: { timestamp?: string; component: { name: string } };
  components: object[];
}

const bom = JSON.parse(
  execFileSync(
    'npm',
    ['sbom', '--package-lock-only', '--sbom-format=cyclonedx', '--omit=dev', '--omit=optional'],
    { cwd: ROOT, encoding: 'utf8', maxBuffer: 16 * 1024 ** 2, stdio: ['ignore', 'pipe', 'inherit'] },
  ),
) as Bom;
// npm says when and in which folder it ran; two builds of one state must not differ.
delete bom.metadata.timestamp;
bom.metadata.component.name = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8')).name;
if (options.debian) bom.components.push(...runtimeOf(readFileSync(options.debian, 'utf8')));
bom.serialNumber = serialOf({ ...bom, serialNumber: undefined });

const text = `${JSON.stringify(bom, null, 2)}\n`;
if (options.out) writeFileSync(options.out, text);
else process.stdout.write(text);

function runtimeOf(packages: string): object[] {
  const node = process.versions.node;
  const runtime = { type: 'platform', name: 'node', version: node, purl: `pkg:generic/node@${node}` };
  const libraries = packages
    .trim()
    .split('\n')
    .map((line) => {
      const [name = '', version = ''] = line.split(' ');
      return {
        type: 'library',
        name,
        version,
        purl: `pkg:deb/debian/${name}@${encodeURIComponent(version)}`,
      };
    });
  return [runtime, ...libraries].map((part) => ({ 'bom-ref': part.purl, ...part }));
}

/** A UUID (version 8) of the content. */
function serialOf(content: object): string {
  const hex = createHash('sha256').update(JSON.stringify(content)).digest('hex');
  const variant = ((Number.parseInt(hex[16]!, 16) & 0x3) | 0x8).toString(16);
  return `urn:uuid:${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
