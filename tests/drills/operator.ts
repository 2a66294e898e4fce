import { shell } from './documented.ts';

/** An operator at a shell, who follows the documents. */
export interface Operator {
  /** What was answered otherwise than it should be. */
  readonly faults: string[];
  /** Runs a line; what it must answer is its exit code and a part of its output. */
  follow(line: string, code: number, says: string, env?: NodeJS.ProcessEnv): Promise<void>;
}

export function createOperator(own: NodeJS.ProcessEnv, progress: (line: string) => void): Operator {
  const faults: string[] = [];
  return {
    faults,
    async follow(line, code, says, env = own) {
      const said = await shell(line, env);
      if (said.code === code && said.text.includes(says)) return;
      faults.push(`${line} ended with ${said.code}, not ${code} and "${says}": ${said.text}`);
      progress(faults.at(-1)!);
    },
  };
}
