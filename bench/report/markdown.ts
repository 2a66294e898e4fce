import type { Machine } from '../harness/machine.ts';
import { POSTGRES_SETTINGS } from '../harness/stage.ts';
import { ratiosOf } from './ratios.ts';
import type { Results, Versions } from './results.ts';
import { figureTables } from './table.ts';
import { GROUPS, METHOD } from './texts.ts';

/** docs/benchmarks.md, whole. */
export function report(results: Results): string {
  const { machine, versions, figures } = results;
  const ratios = ratiosOf(figures);
  return [
    '# Benchmarks',
    '',
    'Written by `npm run bench`; run it to have your own. `npm run bench -- --help` says how to run a part of it.',
    '',
    '## Machine',
    '',
    machineTable(machine, versions),
    '',
    METHOD,
    '',
    '## Ratios',
    '',
    'Of rates measured in the same run, one after the other, and of the CPU of a charge over all processes but the',
    'generator. They move less from machine to machine than the figures do.',
    '',
    '| what | over | times the rate | times less CPU |',
    '| --- | --- | --: | --: |',
    ...ratios.map(
      ({ of, to, value, cpu }) => `| ${of} | ${to} | ${value.toFixed(2)} | ${cpu?.toFixed(2) ?? ''} |`,
    ),
    '',
    ...GROUPS.flatMap(({ group, title, text }) => {
      const some = figures.filter((figure) => figure.group === group);
      return some.length === 0 ? [] : [`## ${title}`, '', text, '', figureTables(some), ''];
    }),
  ].join('\n');
}

function machineTable(machine: Machine, versions: Results['versions']): string {
  const { cpu, cores, memoryGb, kernel, node, fdatasyncMs, loadBefore } = machine;
  const rows: [string, string][] = [
    ['CPU', `${cpu}, ${cores} cores for everything, the load generator included`],
    ['memory', `${memoryGb} GB`],
    ['kernel', kernel],
    [
      'disk',
      `8 kB and fdatasync: p50 ${fdatasyncMs.p50.toFixed(2)} ms, p99 ${fdatasyncMs.p99.toFixed(2)} ms`,
    ],
    ['load average before', loadBefore.toFixed(2)],
    ['Node', node],
    ...versionRows(versions),
    [
      'PostgreSQL settings',
      `${Object.entries(POSTGRES_SETTINGS)
        .map(([name, value]) => `${name} = ${value}`)
        .join(', ')}; fsync, synchronous_commit and full_page_writes on`,
    ],
  ];
  return ['| | |', '| --- | --- |', ...rows.map(([name, value]) => `| ${name} | ${value} |`)].join('\n');
}

function versionRows(versions: Results['versions']): [string, string][] {
  const each = (pick: (version: Versions) => string) =>
    [...new Set(Object.values(versions).map(pick))].join(' and ');
  return [
    ['PostgreSQL', each(({ postgres }) => postgres)],
    ['nats-server', each(({ nats }) => nats)],
    ['Redis', each(({ redis }) => redis)],
  ];
}
