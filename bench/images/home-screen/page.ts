import { thumbHashToDataURL } from 'thumbhash';

export interface HomePicture {
  readonly url: string;
  readonly srcSet: string;
  readonly width: number;
  readonly height: number;
  readonly alt: string;
  readonly placeholder: string | null;
}

export interface HomeProduct {
  readonly name: string;
  readonly price: { readonly formatted: string } | null;
  readonly image: HomePicture | null;
}

/** The home screen as the app lays it out: two cards a line, each painted with its placeholder until its picture is there. */
export function homePage(products: readonly HomeProduct[]): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Home</title>
<style>
  body { margin: 0; padding: 16px; font: 15px/1.35 system-ui, sans-serif; color: #1c1c1e; background: #f2f2f4 }
  h1 { font-size: 22px; margin: 4px 0 14px }
  main { display: grid; grid-template-columns: 1fr 1fr; gap: 14px }
  article { background: #fff; border-radius: 14px; overflow: hidden; box-shadow: 0 1px 3px #0002 }
  img { display: block; width: 100%; height: auto; aspect-ratio: 1; object-fit: cover; background-size: cover }
  p { margin: 8px 12px }
  p + p { font-weight: 600; margin-bottom: 12px }
</style>
<h1>Chosen for you</h1>
<main>${products.map(card).join('')}</main>
</html>`;
}

function card({ name, price, image }: HomeProduct): string {
  const picture = image === null ? '' : img(image);
  return `<article>${picture}<p>${escape(name)}</p><p>${escape(price?.formatted ?? '')}</p></article>`;
}

function img({ url, srcSet, width, height, alt, placeholder }: HomePicture): string {
  const behind =
    placeholder === null
      ? ''
      : ` style="background-image:url(${thumbHashToDataURL(Buffer.from(placeholder, 'base64'))})"`;
  return `<img src="${escape(url)}" srcset="${escape(srcSet)}" width="${width}" height="${height}" alt="${escape(alt)}"${behind}>`;
}

function escape(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
