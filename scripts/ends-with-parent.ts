/**
 * Loaded before a supervised program (`node --import`): the channel to its parent breaks when the parent dies, however it
 * dies, and then this process ends as by Ctrl-C. Without it a killed parent would leave servers behind that hold their ports.
 */
const killAfterMs = 1500;

process.once('disconnect', () => {
  process.kill(process.pid, 'SIGINT');
  setTimeout(() => process.kill(process.pid, 'SIGKILL'), killAfterMs).unref();
});
// The listener above would otherwise keep a program alive that has nothing left to do.
process.channel?.unref();
