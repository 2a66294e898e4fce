/** What an audit from the command line is asked to do; absent options are off. */
export interface CliOptions {
  readonly vendorId?: number;
  /** True prints the detailed report; a name writes it to that file. */
  readonly report?: string | true;
  readonly fix?: boolean;
  readonly yes?: boolean;
  readonly verbose?: boolean;
  readonly json?: boolean;
  readonly full?: boolean;
  readonly dryRun?: boolean;
  readonly since?: Date;
  readonly restartCheckpoints: boolean;
}
