/**
 * Node's own, but not by an import: an import reads everything that `node:http` exports, and for `WebSocket` Node compiles a second
 * undici, at each start.
 */
export const { createServer, STATUS_CODES } = process.getBuiltinModule('node:http');
