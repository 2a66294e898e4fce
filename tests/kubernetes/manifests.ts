import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse, parseAllDocuments } from 'yaml';

const FOLDER = path.join(import.meta.dirname, '../../deploy/kubernetes');
export const DEPENDENCIES = ['dependencies/nats', 'dependencies/redis', 'dependencies/postgres'];

/** A manifest, of any kind: what a test reads of it, it checks. */
// biome-ignore lint/suspicious/noExplicitAny: the shapes are Kubernetes'; the schemas' own test holds them.
export type Manifest = any;

interface Kustomization {
  readonly namespace?: string;
  readonly resources?: readonly string[];
  readonly images?: readonly { name: string; newName: string; newTag: string }[];
  readonly patches?: readonly { target: { kind: string; name: string }; patch: string }[];
}

export const kustomization = (folder: string): Kustomization =>
  parse(readFileSync(path.join(FOLDER, folder, 'kustomization.yaml'), 'utf8')) as Kustomization;

/** The manifests of a folder and of those that it names, as they are written. */
export function readManifests(folder: string): Manifest[] {
  return (kustomization(folder).resources ?? []).flatMap((resource) => {
    const place = path.posix.normalize(`${folder}/${resource}`);
    if (!resource.endsWith('.yaml')) return readManifests(place);
    return parseAllDocuments(readFileSync(path.join(FOLDER, place), 'utf8')).map((document) => {
      if (document.errors.length > 0) throw document.errors[0];
      return document.toJS() as Manifest;
    });
  });
}

/** What kubectl would apply, where there is a kubectl; null where not. */
export function buildManifests(folder: string): Manifest[] | null {
  try {
    const text = execFileSync('kubectl', ['kustomize', path.join(FOLDER, folder)], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return parseAllDocuments(text).map((document) => document.toJS() as Manifest);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** The overlay for production and everything that it stands on: built where that is possible, as written elsewhere. */
export const everything = (): Manifest[] =>
  ['production', ...DEPENDENCIES].flatMap((folder) => buildManifests(folder) ?? readManifests(folder));

export const ofKind = (manifests: readonly Manifest[], kind: string): Manifest[] =>
  manifests.filter((manifest) => manifest.kind === kind);

/** What makes pods, and the template that it makes them by. */
export const workloads = (
  manifests: readonly Manifest[],
): { name: string; kind: string; template: Manifest }[] =>
  manifests
    .filter(({ kind }) => ['Deployment', 'StatefulSet', 'Job'].includes(kind))
    .map(({ kind, metadata, spec }) => ({ name: metadata.name, kind, template: spec.template }));
