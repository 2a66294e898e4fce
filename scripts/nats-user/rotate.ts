import type { NatsSystems } from '@b2b-charge/contracts';
import { writeNatsSystems } from '@b2b-charge/stack';
import { forgetFormerKey, formerKeyIn, publicKeyIn, replaceKey, seedFile } from './keys.ts';
import { UsageError } from './options.ts';
import { haveItLoaded, writeUsers } from './users-file.ts';

const NO_KEYS = { create: false, made: [] };

/** Another key for a user, service or system, beside the one that it has: it comes in by either until that is retired. */
export function rotate(folder: string, name: string, known: NatsSystems, dryRun: boolean): string {
  const system = known.systems.find((one) => one.name === name);
  const former = system?.public_key ?? publicKeyIn(folder, name);
  if (former === null) throw new UsageError(`${folder} knows no user ${name}`);
  if (formerKeyIn(folder, name) !== null)
    throw new UsageError(`${name} is being rotated: \`retire ${name}\` when nobody uses the former key`);
  if (dryRun) return `would be done:\n  ${name}: another key beside ${former}`;
  const key = replaceKey(folder, name, former);
  const systems = known.systems.map((one) => (one === system ? { ...one, public_key: key } : one));
  const after = { ...known, systems };
  writeUsers(folder, NO_KEYS, after);
  writeNatsSystems(folder, after);
  return [
    `${name}: ${key} beside ${former}`,
    '',
    `Next: ${haveItLoaded(folder)};`,
    `then restart ${name} with ${seedFile(folder, name)}, one process after the other;`,
    `then \`npm run nats-user -- retire ${name} --dir ${folder}\`.`,
  ].join('\n');
}

/** Takes the former key away. */
export function retire(folder: string, name: string, known: NatsSystems, dryRun: boolean): string {
  const former = formerKeyIn(folder, name);
  if (former === null) throw new UsageError(`${name} has no former key`);
  if (dryRun) return `would be done:\n  ${name}: ${former} taken away`;
  forgetFormerKey(folder, name);
  writeUsers(folder, NO_KEYS, known);
  return [
    `${name}: ${former} taken away`,
    '',
    `Next: ${haveItLoaded(folder)}: its connections are cut.`,
  ].join('\n');
}
