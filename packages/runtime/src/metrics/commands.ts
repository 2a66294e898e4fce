import { Counter, type Registry } from 'prom-client';
import { HotHistogram } from './histogram.ts';
import { readGauge } from './registry.ts';

const BUCKETS = [0.0005, 0.001, 0.002, 0.004, 0.008, 0.016, 0.032, 0.064, 0.128, 0.256, 0.512, 1, 2.5, 5, 10];

/** What a sender of commands tells of them: for the ledger client. */
export function commandMetrics(registry: Registry) {
  let inFlight = () => 0;
  const publish = new HotHistogram(registry, {
    name: 'b2b_command_publish_seconds',
    help: "From sending a command to the log's acknowledgement, where that came before the outcome",
    buckets: BUCKETS,
  });
  const outcome = new HotHistogram(registry, {
    name: 'b2b_command_outcome_seconds',
    help: "From sending a command to the ledger's reply",
    buckets: BUCKETS,
  });
  const lookups = new Counter({
    name: 'b2b_command_lookups_total',
    help: 'Times that the ledger was asked for an outcome because no reply had come',
    registers: [registry],
  });
  readGauge(registry, { name: 'b2b_commands_in_flight', help: 'Commands that await their outcome' }, () =>
    inFlight(),
  );
  return {
    publish: publish.series(),
    outcome: outcome.series(),
    lookedUp: () => lookups.inc(),
    watch: (read: () => number) => {
      inFlight = read;
    },
  };
}
