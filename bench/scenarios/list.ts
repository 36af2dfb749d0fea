import { contenders } from '../contenders/roster.ts';
import { comparedScenario } from './compared.ts';
import { edgeScenario } from './edge.ts';
import { hangingScenario } from './hanging.ts';
import { linesScenario } from './lines.ts';
import { memoryScenario } from './memory.ts';
import type { Scenario } from './scenario.ts';
import { startScenario } from './start.ts';

const { bareNode, restBare, mercurius, mercuriusCache, yoga, apollo, apolloItems } = contenders;
const { oursCold, oursMerged, oursWarm, oursNoRedis } = contenders;

const everybody = [bareNode, restBare, mercurius, yoga, apollo, apolloItems, oursCold];
const closest = [mercurius, oursCold];

/** Everything that `npm run bench` measures, in this order. */
export const scenarios: readonly Scenario[] = [
  comparedScenario(
    { name: 'home-cold', title: 'Phone home, nothing cached, 32 connections', isQuick: true },
    { screen: 'home', contenders: everybody },
  ),
  comparedScenario(
    { name: 'dashboard-cold', title: 'Dashboard, nothing cached, 32 connections', isQuick: true },
    { screen: 'dashboard', contenders: everybody },
  ),
  ...([1, 256] as const).flatMap((connections) => [
    comparedScenario(
      { name: `home-cold-${connections}`, title: `Phone home, nothing cached, ${connections} connections` },
      { screen: 'home', connections, contenders: closest },
    ),
    comparedScenario(
      { name: `dashboard-cold-${connections}`, title: `Dashboard, nothing cached, ${connections} connections` },
      { screen: 'dashboard', connections, contenders: closest },
    ),
  ]),
  comparedScenario(
    {
      name: 'home-one-viewer',
      title: 'Phone home, nothing cached, all of it one viewer',
      remark: 'Every other scenario has 200 viewers, one after the other.',
    },
    { screen: 'home', viewerCount: 1, contenders: closest },
  ),
  comparedScenario(
    {
      name: 'home-merged',
      title: 'Phone home, merging on, nothing cached, 200 viewers whose recommendations differ',
      remark: 'Calls for what is public are joined and merged across requests.',
    },
    { screen: 'home', contenders: [oursMerged] },
  ),
  comparedScenario(
    {
      name: 'home-warm',
      title: 'Phone home, all that may be cached fresh',
      remark: 'The hand-written REST caches nothing.',
    },
    { screen: 'home', contenders: [mercuriusCache, oursWarm] },
  ),
  comparedScenario(
    {
      name: 'dashboard-warm',
      title: 'Dashboard, all that may be cached fresh',
      remark: 'The hand-written REST caches nothing.',
    },
    { screen: 'dashboard', contenders: [mercuriusCache, oursWarm] },
  ),
  comparedScenario(
    { name: 'home-slow', title: 'Phone home, nothing cached, every service 50 ms slower' },
    // Some 300 answers a second: a 99th percentile wants more than one second of them.
    { screen: 'home', faults: { delayMs: 50 }, turnFactor: 2, contenders: closest },
  ),
  comparedScenario(
    {
      name: 'home-erring',
      title: 'Phone home, the catalog erring at 20 %',
      remark: 'Ours tries again and serves what it kept; the others say what they have instead.',
    },
    {
      screen: 'home',
      faults: { erring: { service: 'catalog', everyNth: 5 } },
      allowsFailures: true,
      contenders: [mercurius, oursCold, oursWarm],
    },
  ),
  comparedScenario(
    { name: 'home-no-redis', title: 'Phone home, its Redis gone' },
    { screen: 'home', contenders: [oursWarm, oursNoRedis] },
  ),
  edgeScenario,
  linesScenario,
  hangingScenario,
  startScenario,
  memoryScenario,
];
