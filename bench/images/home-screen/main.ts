// npm run screenshot: the home screen of the phone app in a headless Chromium, as docs/home-screen.jpg, and what its pictures weigh.
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';
import { startMobileServer } from '../../../bffs/mobile/server.ts';
import { startShop } from '../../../demo/shop.ts';
import { loadConfig } from '../../../shared/config/config.ts';
import { kilobytes, table, verdict } from '../figures.ts';
import { shopEnvironment } from '../shop-environment.ts';
import { type HomeProduct, homePage } from './page.ts';

const phone = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true };
const screenshotPath = new URL('../../../docs/home-screen.jpg', import.meta.url).pathname;

const homeQuery = `{
  home { recommendations(first: 10) {
    name price { formatted } image(size: CARD, fit: COVER) { url srcSet width height alt placeholder }
  } }
}`;

/** What one `Accept` gets. */
interface Loaded {
  readonly types: readonly string[];
  readonly bytes: number;
  readonly broken: number;
}

const executablePath = findBrowser();
const cacheDirectory = await mkdtemp(join(tmpdir(), 'shop-bff-home-'));
const shop = await startShop({ instances: 1, ports: 'ephemeral' });
const env = await shopEnvironment(shop, {
  IMAGE_PRIVATE_ORIGINS: shop.mediaUrl,
  IMAGE_CACHE_DIR: cacheDirectory,
  // The shop paints its photographs in this process, when they are first asked for: that is no load to be shed.
  SHED_UTILISATION_PERCENT: '100',
  SHED_EVENT_LOOP_DELAY_MS: '60000',
});
const mobile = await startMobileServer(loadConfig(env, { hasImages: true }));
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
try {
  // The first look has every picture made; by the second, their placeholders are known.
  await look(browser, await askHome());
  const products = await askHome();
  const asChromium = await look(browser, products, { screenshot: screenshotPath });
  const asOldPhone = await look(browser, products, { accept: 'image/png,image/*;q=0.8,*/*;q=0.5' });
  report(products, { asChromium, asOldPhone });
} finally {
  await browser.close();
  await mobile.close('now');
  await shop.close();
  await rm(cacheDirectory, { recursive: true, force: true });
}
process.exit();

async function askHome(): Promise<HomeProduct[]> {
  const response = await fetch(`${mobile.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: homeQuery }),
  });
  const { data, errors } = (await response.json()) as {
    data?: { home: { recommendations: HomeProduct[] } };
    errors?: unknown;
  };
  if (data === undefined || errors !== undefined) throw new Error(`the home screen failed: ${JSON.stringify(errors)}`);
  return data.home.recommendations;
}

async function look(
  browser: Browser,
  products: readonly HomeProduct[],
  { accept, screenshot }: { accept?: string; screenshot?: string } = {},
): Promise<Loaded> {
  const context = await browser.newContext(phone);
  try {
    const page = await context.newPage();
    const answers: Promise<{ type: string; bytes: number }>[] = [];
    page.on('response', (response) => {
      if (response.request().resourceType() !== 'image' || response.url().startsWith('data:')) return;
      const type = response.headers()['content-type'] ?? '';
      answers.push(response.body().then((body) => ({ type, bytes: body.length })));
    });
    if (accept !== undefined) {
      await page.route('**/images/**', (route) =>
        route.continue({ headers: { ...route.request().headers(), accept } }),
      );
    }
    await page.setContent(homePage(products), { waitUntil: 'networkidle' });
    if (screenshot !== undefined) await page.screenshot({ path: screenshot, type: 'jpeg', quality: 82 });
    const broken = await page.$$eval(
      'img',
      (pictures) =>
        pictures.filter((picture) => (picture as unknown as { naturalWidth: number }).naturalWidth === 0).length,
    );
    const loaded = await Promise.all(answers);
    return {
      types: [...new Set(loaded.map(({ type }) => type))],
      bytes: loaded.reduce((sum, { bytes }) => sum + bytes, 0),
      broken,
    };
  } finally {
    await context.close();
  }
}

function report(products: readonly HomeProduct[], looks: { asChromium: Loaded; asOldPhone: Loaded }): void {
  const rows = Object.entries(looks).map(([name, { types, bytes, broken }]) => [
    name === 'asChromium' ? 'Chromium' : 'a phone without AVIF and WebP',
    types.join(', '),
    kilobytes(bytes),
    String(broken),
  ]);
  process.stdout.write(
    `## The home screen: ${products.length} pictures at ${phone.viewport.width} points, ${phone.deviceScaleFactor}x\n\n`,
  );
  process.stdout.write(`${table(['', 'served as', 'bytes in all', 'broken'], rows)}\n`);
  const { asChromium, asOldPhone } = looks;
  const isRight = (loaded: Loaded, type: string) =>
    loaded.broken === 0 && loaded.types.length === 1 && loaded.types[0] === type;
  verdict('AVIF where it is taken', {
    figure: asChromium.types.join(),
    limit: 'image/avif',
    isMet: isRight(asChromium, 'image/avif'),
  });
  verdict('JPEG where it must be', {
    figure: asOldPhone.types.join(),
    limit: 'image/jpeg',
    isMet: isRight(asOldPhone, 'image/jpeg'),
  });
  const known = products.filter(({ image }) => image?.placeholder != null).length;
  verdict('placeholders', { figure: `${known} of ${products.length}`, limit: 'all', isMet: known === products.length });
  process.stdout.write(`\nwritten: docs/home-screen.jpg\n`);
}

function findBrowser(): string {
  const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'];
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const found = [
    process.env['CHROMIUM'] ?? '',
    ...folders.flatMap((folder) => names.map((name) => join(folder, name))),
  ].find((path) => path !== '' && existsSync(path));
  if (found === undefined) throw new Error('There is no Chromium on the path: install one, or name it in CHROMIUM.');
  return found;
}
