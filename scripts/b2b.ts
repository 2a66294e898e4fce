#!/usr/bin/env node
import { runProgram } from './b2b/program.ts';

/** An open connection attempt must not keep an ended command alive for longer. */
const LAST_RESORT_MS = 500;

process.exitCode = await runProgram(process.argv.slice(2), process.env);
setTimeout(() => process.exit(), LAST_RESORT_MS).unref();
