import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  resolve: {
    // The test runner takes graphql's ES build, its CommonJS users the other one, and the two refuse each other's schemas.
    alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }],
  },
  test: {
    include: ['test/**/*.test.ts'],
    // Whole processes of real servers share a file's sockets, environment and signals: each file gets a process of its own.
    pool: 'forks',
    // One less is the default, which leaves one of two cores idle.
    maxWorkers: availableParallelism(),
    // A race that a test wants is scheduled; one that it does not want shows here instead of being tried again.
    retry: 0,
    allowOnly: false,
    testTimeout: 20_000,
    hookTimeout: 30_000,
    teardownTimeout: 5_000,
    slowTestThreshold: 2_000,
    unstubEnvs: true,
  },
});
