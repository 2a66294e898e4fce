import { wholeNumber } from './arguments.ts';
import type { Cli } from './cli.ts';

export function addPrometheus({ program, env, end }: Cli): void {
  program
    .command('prometheus')
    .description('Runs Prometheus with our alert rules beside a running npm start, until Ctrl-C.')
    .option('--port <n>', 'port of its pages', wholeNumber(1, 65_535), 9090)
    .action(async ({ port }: { port: number }) => {
      const { runPrometheus } = await import('../prometheus/run-prometheus.ts');
      end((await runPrometheus(port, env)) === 0 ? 0 : 1);
    });
}
