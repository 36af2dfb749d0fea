import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startOfDay } from './world/time.ts';

export interface DemoSettings {
  seed: number;
  /** Undefined: today at 00:00 UTC, and the shop's clock is the real one. */
  now: Date | undefined;
  instances: number;
  portBase: number;
  cacheDir: string;
}

const maxInstances = 9;
export const defaultPortBase = 4_100;

/** Where photographs are kept from one start to the next. */
export function defaultCacheDir(): string {
  return join(tmpdir(), 'demo-shop-photographs');
}

function readInteger(text: string, name: string, range: { min: number; max: number }): number | string {
  const value = Number(text);
  const isInRange = /^-?\d+$/.test(text) && value >= range.min && value <= range.max;
  return isInRange ? value : `${name} must be a whole number from ${range.min} to ${range.max}`;
}

function readMoment(text: string): Date | string {
  const isDate = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?Z)?$/.test(text);
  const moment = new Date(text);
  const isUsable = isDate && !Number.isNaN(moment.getTime()) && moment.getTime() >= startOfDay(new Date(0)).getTime();
  return isUsable ? moment : 'DEMO_NOW must be a date in UTC, as 2026-11-22 or 2026-11-22T08:00:00Z';
}

/** Reads the shop's settings. @throws Error that names every problem in one line */
export function readDemoSettings(env: Record<string, string | undefined>): DemoSettings {
  const seed = readInteger(env['DEMO_SEED'] ?? '1', 'DEMO_SEED', { min: 0, max: 4_294_967_295 });
  const instances = readInteger(env['DEMO_INSTANCES'] ?? '2', 'DEMO_INSTANCES', { min: 1, max: maxInstances });
  // The highest port is the media server's, 80 above the base.
  const portBase = readInteger(env['DEMO_PORT_BASE'] ?? String(defaultPortBase), 'DEMO_PORT_BASE', {
    min: 1_024,
    max: 65_455,
  });
  const now = env['DEMO_NOW'] ? readMoment(env['DEMO_NOW']) : undefined;
  const cacheDir = env['DEMO_CACHE_DIR'] || defaultCacheDir();
  const problems = [seed, instances, portBase, now].filter((value) => typeof value === 'string');
  if (
    typeof seed === 'string' ||
    typeof instances === 'string' ||
    typeof portBase === 'string' ||
    typeof now === 'string'
  ) {
    throw new Error(`${problems.join('; ')}.`);
  }
  return { seed, now, instances, portBase, cacheDir };
}

/** The settings of this process. @throws Error that names every problem in one line */
export function demoSettings(): DemoSettings {
  return readDemoSettings(process.env);
}
