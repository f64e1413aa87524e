#!/usr/bin/env node
import { run } from './cli/program.ts';

const args = process.argv.slice(2);
const isDaemon = args[0] === undefined || args[0] === 'serve' || args[0].startsWith('-');

// A reader that has seen enough, such as head, is no failure: a command ends there, and the daemon goes on without.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  if (!isDaemon) process.exit(0);
});

process.exitCode = await run(args);
