/** Why the port cannot be had, and what to do. */
export function explainListenFailure(error: NodeJS.ErrnoException, port: number): Error {
  if (error.code !== 'EADDRINUSE') return error;
  const advice = 'stop the process that listens there, or set IMAGE_PORT to a free one';
  return new Error(`port ${port} is in use: ${advice}`, { cause: error });
}
