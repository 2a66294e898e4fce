import type { NatsLimits } from '@b2b-charge/stack';
import type { Figure } from '../harness/figure.ts';
import type { Shop } from '../harness/load-vendors.ts';
import type { Services } from '../harness/services.ts';
import type { Stage } from '../harness/stage.ts';
import type { HttpPlan } from '../load/plan.ts';

/** What a scenario works with. */
export interface Scope {
  readonly stage: Stage;
  readonly services: Services;
  readonly quick: boolean;
  readonly progress: (line: string) => void;
  /** A prefix that no other load of this run has. */
  prefix(name: string): string;
  /** A closed loop of single sales over the whole shop, with the run's times; for each scenario to vary. */
  httpPlan(prefix: string, varied?: Partial<HttpPlan>): HttpPlan;
  /** Sells for every vendor, until code is compiled and tokens are known; `hot` for the one vendor only. */
  warmUp(ports: readonly number[], spread?: 'each' | 'hot'): Promise<void>;
}

export interface Scenario {
  readonly name: string;
  readonly about: string;
  /** Part of `--quick`. */
  readonly quick?: boolean;
  /** Only if asked for: by its name, or by `--huge`. It takes long. */
  readonly extra?: 'named' | 'huge' | false;
  run(scope: Scope): Promise<Figure[]>;
}

/** Scenarios that share servers and books. */
export interface StagePlan {
  readonly name: string;
  readonly shop: Shop;
  readonly natsLimits?: Partial<NatsLimits>;
  /** Takes the nats-server given by --nats-binary. */
  readonly otherNats?: boolean;
  readonly scenarios: readonly Scenario[];
}
