import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { buildManifests, DEPENDENCIES, everything, type Manifest, readManifests } from './manifests.ts';

const ROOT = path.join(import.meta.dirname, '../..');
/** CloudNativePG publishes no schemas that npm has. */
const WITHOUT_SCHEMA = ['postgresql.cnpg.io/v1/Cluster'];
const manifests = everything();
const nameOf = ({ apiVersion, kind, metadata }: Manifest) => `${apiVersion}/${kind} ${metadata.name}`;
const known = manifests.filter(({ apiVersion, kind }) => !WITHOUT_SCHEMA.includes(`${apiVersion}/${kind}`));

/** The module of a kind: kubernetes-models/apps/v1/Deployment. */
function moduleOf({ apiVersion, kind }: Manifest): string {
  return apiVersion.startsWith('keda.sh/')
    ? `@kubernetes-models/keda/${apiVersion}`
    : `kubernetes-models/${apiVersion}/${kind}`;
}

test.each(known.map((manifest) => ({ name: nameOf(manifest), manifest })))(
  '$name: is as its schema says',
  async ({ manifest }) => {
    const models = (await import(moduleOf(manifest))) as Record<
      string,
      new (
        data: object,
      ) => { validate(): void }
    >;
    const Model = models[manifest.kind]!;
    expect(() => new Model(manifest).validate()).not.toThrow();
    expect(() =>
      new Model({ ...manifest, spec: 'nonsense', data: 'nonsense', metadata: 1 }).validate(),
    ).toThrow();
  },
);

test('no manifest has a field that its kind does not know', () => {
  const folder = path.join(ROOT, 'node_modules/.b2b-charge');
  mkdirSync(folder, { recursive: true });
  const work = mkdtempSync(path.join(folder, 'manifests-'));
  try {
    // A server would drop a misspelt field without a word; the compiler does not accept it in a literal.
    const misspelt = structuredClone(known.find(({ kind }) => kind === 'Deployment')!);
    misspelt.spec.template.spec.containers[0].livenesProbe = {};
    expect(compile(work, [...known, misspelt])).toMatch(/^\S+\(\d+,\d+\): error TS2353: .*livenesProbe.*\n$/);
    expect(compile(work, known)).toBe('');
  } finally {
    rmSync(work, { recursive: true });
  }
}, 60_000);

/** What the compiler says of the manifests as literals of their types. */
function compile(work: string, literals: readonly Manifest[]): string {
  const lines = literals.flatMap((manifest, number) => [
    `import type { I${manifest.kind} as T${number} } from '${moduleOf(manifest)}';`,
    `export const m${number}: T${number} = ${JSON.stringify(manifest)};`,
  ]);
  const file = path.join(work, 'manifests.ts');
  writeFileSync(file, lines.join('\n'));
  const options = [
    '--noEmit',
    '--strict',
    '--skipLibCheck',
    '--module',
    'nodenext',
    '--target',
    'esnext',
    '--types',
    '',
  ];
  try {
    execFileSync(path.join(ROOT, 'node_modules/.bin/tsc'), ['--ignoreConfig', ...options, file], {
      cwd: work,
    });
    return '';
  } catch (error) {
    return String((error as { stdout: Buffer }).stdout).replaceAll(/^ .*\n/gm, '');
  }
}

const withoutKubectl = buildManifests('base') === null;
test.skipIf(withoutKubectl)('what kubectl builds is all that is written', () => {
  for (const folder of ['base', 'production', ...DEPENDENCIES]) {
    const built = buildManifests(folder)!;
    const generated = built.filter(
      ({ kind, metadata }) => kind === 'ConfigMap' && /-[a-z0-9]{10}$/.test(metadata.name),
    );
    const names = built.filter((manifest) => !generated.includes(manifest)).map(nameOf);
    expect(names.toSorted()).toEqual(readManifests(folder).map(nameOf).toSorted());
  }
});
