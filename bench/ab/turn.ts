import type { FleetProcess } from '@b2b-charge/stack';
import { drain } from '../harness/drain.ts';
import type { Figure } from '../harness/figure.ts';
import { figureOf, measure } from '../harness/measure.ts';
import type { Stage } from '../harness/stage.ts';
import type { HttpPlan } from '../load/plan.ts';
import { runLoad } from '../load/run-load.ts';
import { type AbLoad, VENDORS } from './options.ts';
import type { Variant } from './variants.ts';

const AMOUNT = '1.50';
const WARM_UP = { limit: 20_000, warmupMs: 0, measureMs: 30_000 };
const MEASURE_AFTER_MS = 1_000;
const OPEN_CONNECTIONS = 1_024;
const DRAIN_WINDOW = 2_000;

/** A variant's processes on the servers of the stage; they run during its turns only. */
export class Contestant {
  readonly variant: Variant;
  readonly #stage: Stage;
  readonly #measureMs: number;
  #processes: { ledger: FleetProcess; gateway: FleetProcess } | undefined;
  #loads = 0;

  constructor(stage: Stage, variant: Variant, measureMs: number) {
    this.#stage = stage;
    this.variant = variant;
    this.#measureMs = measureMs;
  }

  /** Starts, warms up, runs the loads and stops. */
  async turn(loads: readonly AbLoad[], report: (load: AbLoad, figure: Figure) => void): Promise<void> {
    const { ledger, gateway } = await this.#start();
    try {
      const ports = [Number(new URL(gateway.url).port)];
      await runLoad(this.#plan('warmup', ports, { spread: 'each', ...WARM_UP }), {
        measuring() {},
        measured() {},
      });
      for (const load of loads) {
        const figure = load.kind === 'drain' ? this.#drain(load, ledger) : this.#http(load, ports);
        report(load, await figure);
      }
    } finally {
      await gateway.process.stop();
      await ledger.process.stop();
    }
  }

  async #start(): Promise<{ ledger: FleetProcess; gateway: FleetProcess }> {
    const { environment, root } = this.variant;
    if (this.#processes) {
      await this.#processes.ledger.process.restart();
      await this.#processes.gateway.process.restart();
    } else {
      const { fleet } = this.#stage;
      const ledger = await fleet.add('ledger', environment, root);
      this.#processes = { ledger, gateway: await fleet.add('gateway', environment, root) };
    }
    return this.#processes;
  }

  async #http(load: Exclude<AbLoad, { kind: 'drain' }>, ports: readonly number[]): Promise<Figure> {
    const measured = await measure(this.#stage, this.#plan(load.name, ports, variedBy(load)));
    return figureOf({ scenario: load.name, group: 'ab', title: this.variant.title }, measured);
  }

  async #drain(load: Extract<AbLoad, { kind: 'drain' }>, ledger: FleetProcess): Promise<Figure> {
    const { nats, secrets } = this.#stage.fleet;
    await ledger.process.stop();
    const figure = await drain(this.#stage, {
      plan: {
        kind: 'fill',
        prefix: this.#prefix(load.name),
        vendors: VENDORS,
        spread: 'uniform',
        amount: AMOUNT,
        natsUrl: nats.url,
        nkeySeed: secrets.nats.gateway,
        window: DRAIN_WINDOW,
        count: load.count,
      },
      start: () => ledger.process.restart(),
    });
    const { title } = this.variant;
    return { notes: [], discrepancies: [], ...figure, scenario: load.name, group: 'ab', title };
  }

  #plan(name: string, ports: readonly number[], varied: Partial<HttpPlan>): HttpPlan {
    return {
      kind: 'http',
      ports,
      connections: 128,
      rate: null,
      bulk: null,
      vendors: VENDORS,
      spread: 'uniform',
      amount: AMOUNT,
      prefix: this.#prefix(name),
      warmupMs: MEASURE_AFTER_MS,
      measureMs: this.#measureMs,
      ...varied,
    };
  }

  /** Keys of both variants and of every turn differ. */
  #prefix(name: string): string {
    return `${this.variant.label}_${name}_${this.#loads++}`;
  }
}

function variedBy(load: Exclude<AbLoad, { kind: 'drain' }>): Partial<HttpPlan> {
  switch (load.kind) {
    case 'http':
      return { connections: load.connections, vendors: load.vendors };
    case 'hot':
      return { connections: load.connections, spread: 'hot' };
    case 'open':
      return { connections: OPEN_CONNECTIONS, rate: load.rate };
  }
}
