import type { Command } from 'commander';

/** The parts that each sub-command is added to. */
export interface Cli {
  readonly program: Command;
  readonly env: NodeJS.ProcessEnv;
  /** Sets the exit code of a command that ran: 1 for a finding. */
  end(exitCode: 0 | 1): void;
}

/** The result of a command, as a person and as a program reads it. */
export interface Printed {
  readonly text: string;
  readonly json: unknown;
}

export function print({ text, json }: Printed, { json: asJson }: { readonly json?: boolean }): void {
  printText(asJson ? JSON.stringify(json, null, 2) : text);
}

export const printText = (text: string): void => void process.stdout.write(`${text}\n`);
