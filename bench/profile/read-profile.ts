import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { type StageProfile, stageOf, stagesOf } from './stages.ts';

/** As V8 writes it. */
interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly url: string; readonly functionName: string };
    readonly children?: readonly number[];
  }[];
  readonly samples: readonly number[];
  /** Microseconds before each sample. */
  readonly timeDeltas: readonly number[];
}

/** Functions told by name, the most expensive ones. */
const TOP_FUNCTIONS = 25;

interface Window {
  /** Milliseconds after the process began. */
  readonly fromMs: number;
  readonly toMs: number;
}

/** Adds up the one profile in a folder, by stage, over a window of the process' life. */
export function readProfile(
  process: StageProfile['process'],
  folder: string,
  { fromMs, toMs }: Window,
  charges: number,
): StageProfile {
  const [file] = globSync('*.cpuprofile', { cwd: folder });
  if (!file) throw new Error(`${process} wrote no profile`);
  const profile: CpuProfile = JSON.parse(readFileSync(path.join(folder, file), 'utf8'));
  const stages = new Map(stagesOf(process).map((stage) => [stage, 0]));
  const stageOfNode = classify(process, profile);
  const functions = new Map<string, number>();
  const nameOf = new Map(profile.nodes.map(({ id, callFrame }) => [id, shortName(callFrame)]));
  let atUs = 0;
  profile.samples.forEach((node, index) => {
    // A sample stands for the time until the next one.
    const spentUs = profile.timeDeltas[index + 1] ?? 0;
    atUs += profile.timeDeltas[index] ?? 0;
    const stage = stageOfNode.get(node);
    if (stage == null || atUs < fromMs * 1_000 || atUs > toMs * 1_000) return;
    stages.set(stage, (stages.get(stage) ?? 0) + spentUs);
    const name = `${stage}: ${nameOf.get(node)}`;
    functions.set(name, (functions.get(name) ?? 0) + spentUs);
  });
  const top = [...functions].toSorted(([, a], [, b]) => b - a).slice(0, TOP_FUNCTIONS);
  return { process, stages: perCharge([...stages], charges), top: perCharge(top, charges) };
}

const perCharge = (spent: [string, number][], charges: number): Record<string, number> =>
  Object.fromEntries(spent.map(([name, us]) => [name, us / charges]));

const shortName = ({ functionName, url }: { functionName: string; url: string }): string =>
  `${functionName || '(anonymous)'} ${url.split('/').slice(-2).join('/')}`.trim();

function classify(process: StageProfile['process'], { nodes }: CpuProfile): Map<number, string | null> {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const parents = new Map<number, number>();
  for (const node of nodes) for (const child of node.children ?? []) parents.set(child, node.id);
  return new Map(
    nodes.map(({ id }) => {
      const stack: { url: string; functionName: string }[] = [];
      for (let at: number | undefined = id; at !== undefined; at = parents.get(at)) {
        stack.push(byId.get(at)!.callFrame);
      }
      return [id, stageOf(process, stack)];
    }),
  );
}
