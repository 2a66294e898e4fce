import { parseArgs } from 'node:util';
import {
  isSystemName,
  MAX_VENDORS_OF_SYSTEM,
  parseVendorId,
  RESERVED_NAMES,
  SERVICES,
} from '@b2b-charge/contracts';

export const USAGE = `Usage: npm run nats-user -- --name NAME --vendors ID,ID…   makes a NATS user for an internal system, or gives it these vendors
       npm run nats-user -- --name NAME --all-vendors      … all vendors, those of tomorrow too, on any lane
       npm run nats-user -- list                           the internal systems
       npm run nats-user -- revoke NAME                    takes a user away; its connections are cut
       npm run nats-user -- consumers                      makes the durable consumers of all systems on the running server
       npm run nats-user -- replay NAME --from TIME        a consumer that reads events again: from a time, a sequence or "first"
       npm run nats-user -- sync                           writes the permissions anew, e.g. with --lanes after a repartition
       npm run nats-user -- services                       makes the users of the services and of the operator, too
       npm run nats-user -- rotate NAME                    another key for a system or a service, beside the one it has
       npm run nats-user -- retire NAME                    takes the former key away, once nobody uses it

A system sells for its vendors, in its own name, on their lanes; it reads its own outcomes, its vendors' events and
balances. Nothing else. The same command twice does nothing the second time. Its durable consumers are made on the server:
of the local stack, or with --dir of NATS_URL (with NATS_TLS_CA_FILE; the key is in DIR/migrate).

  --dir DIR        a deployment's folder: nats-systems.json (who may what), nats-users.conf (for nats-server to include),
                   NAME/NATS_NKEY_SEED (the key, mode 0600, written once). Without it: the local stack, at once
  --vendor ID      the vendor whose events are read again; may be left out if the system has one
  --from POINT     a time such as 2026-11-23T00:00:00Z, a sequence of LEDGER_EVENTS, or first
  --lanes N        number of lanes, as the ledger has it; kept in nats-systems.json (16 at first)
  --namespace NS   as the services have it
  --dry-run        says what would change, and changes nothing
  --help           this text
`;

export class UsageError extends Error {
  override name = 'UsageError';
}

export type Order =
  | { readonly kind: 'help' | 'list' | 'sync' | 'services' }
  | { readonly kind: 'consumers' }
  | {
      readonly kind: 'replay';
      readonly name: string;
      /** Undefined: the only one that the system has. */
      readonly vendor: number | undefined;
      readonly from: string;
    }
  | { readonly kind: 'revoke' | 'rotate' | 'retire'; readonly name: string }
  | { readonly kind: 'put'; readonly name: string; readonly vendors: readonly number[] | 'all' };

export interface Options {
  readonly order: Order;
  readonly dir: string | undefined;
  readonly lanes: number | undefined;
  readonly namespace: string | undefined;
  readonly dryRun: boolean;
}

/** Throws UsageError. */
export function parseOptions(args: readonly string[]): Options {
  const { values, positionals } = parse(args);
  const order = values.help ? ({ kind: 'help' } as const) : orderOf(values, positionals);
  if (values.lanes !== undefined && !/^([1-9][0-9]{0,2}|10[01][0-9]|102[0-4])$/.test(values.lanes)) {
    throw new UsageError(`--lanes ${values.lanes}: a number from 1 to 1024`);
  }
  if (values.namespace !== undefined && !/^[a-z0-9]{0,32}$/.test(values.namespace)) {
    throw new UsageError(`--namespace ${values.namespace}: up to 32 small letters and digits`);
  }
  return {
    order,
    dir: values.dir,
    lanes: values.lanes === undefined ? undefined : Number(values.lanes),
    namespace: values.namespace,
    dryRun: values['dry-run'],
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        name: { type: 'string' },
        vendors: { type: 'string' },
        vendor: { type: 'string' },
        from: { type: 'string' },
        'all-vendors': { type: 'boolean', default: false },
        dir: { type: 'string' },
        lanes: { type: 'string' },
        namespace: { type: 'string' },
        'dry-run': { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
  } catch (cause) {
    throw new UsageError((cause as Error).message, { cause });
  }
}

type Values = ReturnType<typeof parse>['values'];

function orderOf(values: Values, [verb, operand, ...rest]: readonly string[]): Order {
  const { name, vendors } = values;
  const takesName = verb === 'revoke' || verb === 'rotate' || verb === 'retire' || verb === 'replay';
  if (rest.length > 0 || (operand !== undefined && !takesName)) {
    throw new UsageError(`${rest[0] ?? operand}: one thing at a time; --help shows how`);
  }
  switch (verb) {
    case undefined:
      if (name === undefined) throw new UsageError('--name NAME is needed; --help shows how');
      return { kind: 'put', name: systemName(name), vendors: vendorsOf(vendors, values['all-vendors']) };
    case 'revoke':
      return { kind: 'revoke', name: systemName(operand ?? name ?? '') };
    case 'rotate':
    case 'retire':
      return { kind: verb, name: userName(operand ?? name ?? '') };
    case 'replay':
      return {
        kind: 'replay',
        name: systemName(operand ?? name ?? ''),
        vendor: values.vendor === undefined ? undefined : vendorOf(values.vendor),
        from: values.from ?? 'first',
      };
    case 'consumers':
    case 'list':
    case 'sync':
    case 'services':
      if (name !== undefined || vendors !== undefined) throw new UsageError(`${verb} is about all of them`);
      return { kind: verb };
    default:
      throw new UsageError(`${verb}: no such thing to do; --help shows what there is`);
  }
}

/** Of a service or the operator, too. */
const userName = (name: string): string =>
  name === 'operator' || (SERVICES as readonly string[]).includes(name) ? name : systemName(name);

function systemName(name: string): string {
  if (RESERVED_NAMES.includes(name)) {
    throw new UsageError(`${name} is not for an internal system: ${RESERVED_NAMES.join(', ')} are ours`);
  }
  if (!isSystemName(name)) {
    throw new UsageError(
      `"${name}" cannot be a name: small letters, digits and hyphens, at most 32, a letter or digit first`,
    );
  }
  return name;
}

function vendorOf(text: string): number {
  const vendorId = parseVendorId(text);
  if (vendorId === null) throw new UsageError(`--vendor ${text}: not the id of a vendor`);
  return vendorId;
}

function vendorsOf(text: string | undefined, all: boolean): readonly number[] | 'all' {
  if (all === (text !== undefined))
    throw new UsageError('one of --vendors ID,ID… and --all-vendors is needed');
  if (text === undefined) return 'all';
  const ids = text.split(',').map((id) => {
    const vendorId = parseVendorId(id.trim());
    if (vendorId === null) throw new UsageError(`--vendors ${text}: "${id}" is not the id of a vendor`);
    return vendorId;
  });
  if (ids.length > MAX_VENDORS_OF_SYSTEM) {
    throw new UsageError(`--vendors: at most ${MAX_VENDORS_OF_SYSTEM}; whoever needs more has --all-vendors`);
  }
  return [...new Set<number>(ids)].toSorted((one, other) => one - other);
}
