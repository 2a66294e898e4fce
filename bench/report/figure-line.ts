import type { Figure } from '../harness/figure.ts';

const round = (value: number) => Math.round(value).toLocaleString('en');
const tenth = (value: number) => (value < 10 ? value.toFixed(1) : round(value));

/** One line of progress per figure. */
export function figureLine(figure: Figure): string {
  const { latencyMs: latency, cpuUsPerCharge: cpu } = figure;
  const rate = figure.drainedPerS ?? figure.auditedPerS ?? figure.outcomesPerS;
  return [
    `${figure.scenario}:`,
    ...(figure.discrepancies.length > 0 ? [`DISCREPANCY: ${figure.discrepancies.join('; ')};`] : []),
    ...(rate === undefined ? [] : [`${round(rate)}/s`]),
    ...(latency ? [`p50 ${tenth(latency.p50)} p99 ${tenth(latency.p99)} max ${tenth(latency.max)} ms`] : []),
    ...(cpu
      ? [
          `µs: ${Object.entries(cpu)
            .map(([part, us]) => `${part} ${round(us)}`)
            .join(' ')}`,
        ]
      : []),
    ...(figure.walBytesPerCharge === undefined ? [] : [`WAL ${round(figure.walBytesPerCharge)} B`]),
    ...(figure.statementsPerBatch === undefined
      ? []
      : [
          `${tenth(figure.statementsPerBatch)} statements, ${tenth(figure.roundTripsPerBatch ?? 0)} round trips a batch`,
        ]),
    ...(figure.ledgerBytesPerCharge === undefined
      ? []
      : [
          `NATS ${tenth(figure.natsInPerCharge ?? 0)} in ${tenth(figure.natsOutPerCharge ?? 0)} out, Redis ${tenth(figure.redisReadsPerCharge ?? 0)} reads a charge`,
          `allocated: gateway ${round(figure.gatewayBytesPerCharge ?? 0)} B, ledger ${round(figure.ledgerBytesPerCharge)} B`,
        ]),
    ...figure.notes.map((note) => `(${note})`),
  ].join(' ');
}
