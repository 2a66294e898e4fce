import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { overLimit } from './tidy/sizes.ts';

/**
 * What neither the compiler nor the linter can hold: services that do not know each other, links in documents that lead
 * somewhere, files, functions and classes that stay small, dependencies that say why they are there.
 */
const ROOT = path.dirname(import.meta.dirname);
/** The sizes of what is over a limit, by file, and function or class; a number may only fall. */
const OVER_LIMIT: Readonly<Record<string, number>> = {
  'bench/naive/app.ts createNaiveApp': 93,
  'packages/contracts/src/permissions.ts natsPermissions': 101,
  'packages/stack/src/fleet/fleet.ts startFleet': 117,
  'scripts/contract/asyncapi.ts describeContract': 102,
  'services/ledger/src/metrics/metrics.ts createMetrics': 88,
  'services/ledger/src/service.ts startLedger': 129,
  'services/reconciler/src/metrics.ts createMetrics': 86,
  'tests/chaos/load/load.ts startLoad': 72,
  'tests/credits/credits.system.test.ts': 346,
  'tests/drills/nats-cluster.ts startNatsCluster': 81,
  'tests/drills/restore-database.ts run': 90,
  'tests/gateway/attacks.system.test.ts': 323,
  'tests/gateway/contract.system.test.ts': 324,
  'tests/gateway/faults.system.test.ts': 277,
  'tests/nats/access-table.ts': 323,
  'tests/nats/lost-events.fleet.test.ts a consumer beyond an end that the events lost gets what is published under the lost numbers': 71,
  'tests/observability/busy-fleet.ts startBusyFleet': 122,
  'tests/soak/state.ts SoakState': 15,
};

const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
  cwd: ROOT,
  encoding: 'utf8',
})
  .split('\n')
  .filter((file) => file !== '');
const existing = new Set(files);
const read = (file: string): string => readFileSync(path.join(ROOT, file), 'utf8');
const sources = files.filter((file) => /\.tsx?$/.test(file));

const problems = [
  ...sources.flatMap(foreignImports),
  ...tooLarge(),
  ...files.filter((file) => file.endsWith('.md')).flatMap(deadLinks),
  ...sources.flatMap(testWithoutProject),
  ...undocumentedDependencies(),
];
for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exitCode = 1;
else console.log(`tidy: ${files.length} files`);

/** services/x may import packages and itself, never services/y; packages never import services. */
function foreignImports(file: string): string[] {
  const [top, name] = file.split('/');
  if (top !== 'services' && top !== 'packages') return [];
  const imports = [...read(file).matchAll(/(?:from|import\()\s*'(\.[^']*)'/g)].map((match) => match[1]!);
  return imports.flatMap((target) => {
    const [toTop, toName] = path.posix
      .normalize(path.posix.join(path.posix.dirname(file), target))
      .split('/');
    const foreign = toTop === 'services' && (top === 'packages' || toName !== name);
    return foreign ? [`${file}: imports ${target}: a service is nobody's library`] : [];
  });
}

/** An exception larger than what it excuses is a problem, too. It therefore falls with it, and goes. */
function tooLarge(): string[] {
  const over = new Map(sources.flatMap((file) => [...overLimit(file, read(file))]));
  const names = new Set([...over.keys(), ...Object.keys(OVER_LIMIT)]);
  return [...names].flatMap((name) => {
    const found = over.get(name);
    const excused = OVER_LIMIT[name];
    if (found?.size === excused) return [];
    if (!found) return [`${name}: within the limit; delete its exception in scripts/tidy.ts`];
    return [`${name}: ${found.size} ${found.unit}, ${excused ?? found.most} are allowed`];
  });
}

/** A misspelt project would run the file as a unit test. */
function testWithoutProject(file: string): string[] {
  const [, project] = /\.([^./]+)\.test\.ts$/.exec(file) ?? [];
  const known = project === undefined || ['system', 'fleet', 'campaign'].includes(project);
  return known ? [] : [`${file}: there is no project of tests named ${project}`];
}

function deadLinks(file: string): string[] {
  const links = [...read(file).matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)].map((match) => match[1]!);
  return links.flatMap((link) => {
    if (/^[a-z]+:/.test(link)) return [];
    const target = path.posix.normalize(path.posix.join(path.posix.dirname(file), link));
    const known =
      existing.has(target) || files.some((other) => other.startsWith(`${target.replace(/\/$/, '')}/`));
    return known ? [] : [`${file}: the link to ${link} leads nowhere`];
  });
}

function undocumentedDependencies(): string[] {
  const { dependencies, devDependencies, optionalDependencies } = JSON.parse(read('package.json'));
  const page = read('docs/dependencies.md');
  const names = Object.keys({ ...dependencies, ...devDependencies, ...optionalDependencies });
  return names
    .filter((name) => !page.includes(`\`${name}\``))
    .map((name) => `docs/dependencies.md: nothing about ${name}`);
}
