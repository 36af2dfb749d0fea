import { buildServers } from './built-servers.ts';

await buildServers('dist');
