import { PortInUseError } from './services/http-server.ts';
import { type DemoSettings, demoSettings } from './settings.ts';
import { type Shop, startShop } from './shop.ts';

function write(line: string): void {
  process.stdout.write(`${line}\n`);
}

function complain(line: string): void {
  process.stderr.write(`${line}\n`);
}

function print(shop: Shop): void {
  const rows: [string, string][] = [
    ...Object.entries(shop.services).map(([name, urls]): [string, string] => [name, urls.join('  ')]),
    ['pictures', shop.mediaUrl],
    ['control', `${shop.controlUrl}  (/services  /calls  /faults)`],
    ['tokens', `checked against ${shop.jwksUrl}`],
  ];
  write('The demo shop is open. Ctrl-C closes it.');
  for (const [name, value] of rows) write(`  ${name.padEnd(16)}${value}`);
}

async function run(settings: DemoSettings): Promise<void> {
  const { portBase, ...options } = settings;
  const shop = await startShop({ ...options, ports: { base: portBase }, log: complain });
  if (process.argv.includes('--json')) {
    const { controlUrl, services, mediaUrl, jwksUrl, issuer, audience } = shop;
    write(JSON.stringify({ controlUrl, services, mediaUrl, jwksUrl, issuer, audience }));
  } else print(shop);

  const signal = Promise.withResolvers<void>();
  process.once('SIGINT', () => signal.resolve());
  process.once('SIGTERM', () => signal.resolve());
  await signal.promise;
  await shop.close();
}

try {
  await run(demoSettings());
  // Not left to the event loop: a picture that is still being painted cannot be called off.
  process.exit(0);
} catch (error) {
  const isExpected = error instanceof PortInUseError || (error instanceof Error && error.message.startsWith('DEMO_'));
  complain(
    isExpected
      ? error.message
      : `The demo shop cannot start: ${error instanceof Error ? error.message : String(error)}`,
  );
  process.exit(1);
}
