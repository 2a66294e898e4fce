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
  components: { readonly 'bom-ref': string }[];
  dependencies: { readonly ref: string; dependsOn?: string[] }[];
}

interface Locked {
  readonly version?: string;
  readonly dev?: boolean;
  readonly optional?: boolean;
  readonly devOptional?: boolean;
}

const read = (file: string) => JSON.parse(readFileSync(path.join(ROOT, file), 'utf8'));
const bom = JSON.parse(
  execFileSync('npm', ['sbom', '--package-lock-only', '--sbom-format=cyclonedx'], {
    cwd: ROOT,
    encoding: 'utf8',
    maxBuffer: 16 * 1024 ** 2,
    stdio: ['ignore', 'pipe', 'inherit'],
  }),
) as Bom;
keepProduction(bom);
// npm says when and in which folder it ran; two builds of one state must not differ.
delete bom.metadata.timestamp;
bom.metadata.component.name = read('package.json').name;
if (options.debian) bom.components.push(...runtimeOf(readFileSync(options.debian, 'utf8')));
bom.serialNumber = serialOf({ ...bom, serialNumber: undefined });

const text = `${JSON.stringify(bom, null, 2)}\n`;
if (options.out) writeFileSync(options.out, text);
else process.stdout.write(text);

/**
 * Leaves what `npm ci --omit=dev --omit=optional` installs. npm's own `sbom --omit=dev` also leaves out what a
 * development dependency merely would like to have beside it.
 */
function keepProduction({ components, dependencies }: Bom): void {
  const locked = Object.entries(read('package-lock.json').packages as Record<string, Locked>);
  const kept = new Set(
    locked
      .filter(([, { dev, optional, devOptional }]) => !dev && !optional && !devOptional)
      .map(([folder, { version }]) => `${folder.split('node_modules/').at(-1)}@${version}`),
  );
  // A workspace is known by its folder there, and by its name here.
  const isKept = (ref: string) => kept.has(ref) || /^(@b2b-charge\/|b2b-charge-service@)/.test(ref);
  bom.components = components.filter((component) => isKept(component['bom-ref']));
  bom.dependencies = dependencies
    .filter(({ ref }) => isKept(ref))
    .map(({ ref, dependsOn = [] }) => ({ ref, dependsOn: dependsOn.filter(isKept) }));
}

function runtimeOf(packages: string): Bom['components'] {
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
