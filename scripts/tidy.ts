import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';

/**
 * What neither the compiler nor the linter can hold: services that do not know each other, links in documents that lead
 * somewhere, files that stay small, dependencies that say why they are there.
 */
const ROOT = path.dirname(import.meta.dirname);
const MAX_LINES = 250;
/** Lines of those that are longer; the numbers may only fall. */
const LONGER: Readonly<Record<string, number>> = {};

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
  ...sources.filter((file) => !/\.test\.ts$|^(tests|bench)\//.test(file)).flatMap(tooLong),
  ...files.filter((file) => file.endsWith('.md')).flatMap(deadLinks),
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

function tooLong(file: string): string[] {
  const lines = read(file).split('\n').length - 1;
  const allowed = LONGER[file] ?? MAX_LINES;
  return lines > allowed ? [`${file}: ${lines} lines, ${allowed} are allowed`] : [];
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
