import type { FleetProcess } from '@b2b-charge/stack';
import type { Stage } from './stage.ts';

export interface Wanted {
  readonly ledgers: number;
  readonly gateways: number;
}

/** Keeps as many ledger and gateway processes running as a scenario wants. */
export class Services {
  readonly #stage: Stage;
  readonly #warmUp: (ports: readonly number[]) => Promise<void>;
  /** A scenario may have processes of its own beside these. */
  readonly #ours: FleetProcess[] = [];
  #cold = false;

  /** `warmUp` is the load that new processes get first, until their code is compiled. */
  constructor(stage: Stage, warmUp: (ports: readonly number[]) => Promise<void>) {
    this.#stage = stage;
    this.#warmUp = warmUp;
  }

  get ports(): number[] {
    return this.#running('gateway').map(({ url }) => Number(new URL(url).port));
  }

  /** Starts and stops processes until there are so many; warms up if an HTTP load can be answered. */
  async want({ ledgers, gateways }: Wanted): Promise<void> {
    await this.#adjust('ledger', ledgers);
    await this.#adjust('gateway', gateways);
    if (!this.#cold || ledgers === 0 || gateways === 0) return;
    await this.#warmUp(this.ports);
    this.#cold = false;
  }

  #running(service: 'ledger' | 'gateway'): FleetProcess[] {
    return this.#ours.filter((one) => one.service === service && one.process.pid !== null);
  }

  async #adjust(service: 'ledger' | 'gateway', wanted: number): Promise<void> {
    for (const { process } of this.#running(service).slice(wanted)) await process.stop();
    const stopped = this.#ours.filter((one) => one.service === service && one.process.pid === null);
    for (let missing = wanted - this.#running(service).length; missing > 0; missing--) {
      const again = stopped.pop();
      if (again) await again.process.restart();
      else this.#ours.push(await this.#stage.fleet.add(service));
      this.#cold = true;
    }
  }
}
