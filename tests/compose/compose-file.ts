import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';

export const ROOT = path.join(import.meta.dirname, '../..');
export const DEVELOPMENT = 'docker-compose.yml';
export const PRODUCTION = 'deploy/compose.prod.yml';

export interface ComposeService {
  readonly image?: string;
  readonly build?: { readonly context: string; readonly target: string };
  readonly user?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly volumes?: readonly string[];
  readonly secrets?: readonly string[];
  readonly ports?: readonly string[];
  readonly profiles?: readonly string[];
  readonly networks?: readonly string[] | Readonly<Record<string, unknown>>;
  readonly depends_on?: Readonly<Record<string, { condition: string }>>;
  readonly healthcheck?: object;
  readonly restart?: string;
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly cap_add?: readonly string[];
  readonly security_opt?: readonly string[];
  readonly logging?: { readonly options: Readonly<Record<string, string>> };
  readonly deploy?: {
    readonly replicas?: number;
    readonly resources: { readonly limits: Readonly<Record<'cpus' | 'memory' | 'pids', string | number>> };
  };
}

export interface ComposeFile {
  readonly services: Readonly<Record<string, ComposeService>>;
  readonly networks?: Readonly<Record<string, { internal?: boolean } | null>>;
  readonly volumes: Readonly<Record<string, unknown>>;
  readonly secrets?: Readonly<Record<string, { readonly file: string }>>;
}

/** A compose file as compose reads it: anchors merged, variables at their defaults. */
export function readComposeFile(file: string): ComposeFile {
  const text = readFileSync(path.join(ROOT, file), 'utf8');
  const settle = (_: unknown, value: unknown) =>
    typeof value === 'string' ? value.replaceAll(/\$\{\w+:-([^}]*)\}/g, '$1') : value;
  return parse(text, settle, { merge: true }) as ComposeFile;
}

/** The names of the networks that a service is in. */
export const networksOf = ({ networks = [] }: ComposeService): string[] =>
  Array.isArray(networks) ? [...networks] : Object.keys(networks);

/** MiB that Node's heap may take in the image of a target, by the Dockerfile. */
export function heapOf(target: string): number {
  const text = readFileSync(path.join(ROOT, 'Dockerfile'), 'utf8');
  const stage = (name: string) =>
    new RegExp(`FROM .* AS ${name}\\n([\\s\\S]*?)(?=\\nFROM |$)`).exec(text)?.[1] ?? '';
  const heap = (name: string) => /CMD .*--max-old-space-size=(\d+)/.exec(stage(name))?.[1];
  return Number(heap(target) ?? heap('base'));
}
