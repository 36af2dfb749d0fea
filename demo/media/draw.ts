import type { Random } from '../world/random.ts';

/** A canvas of 100 units on the short side; scenes are drawn around its middle. */
export interface Canvas {
  width: number;
  height: number;
  random: Random;
}

export type Hsl = readonly [hue: number, saturation: number, lightness: number];

let gradients = 0;

export function css([hue, saturation, lightness]: Hsl, shade = 0): string {
  const light = Math.min(97, Math.max(3, lightness + shade));
  return `hsl(${Math.round(hue % 360)}, ${Math.round(saturation)}%, ${Math.round(light)}%)`;
}

/** A fill that runs from light to dark across a body, as light on a round thing does. */
function roundFill(colour: Hsl): { id: string; definition: string } {
  gradients = (gradients + 1) % 1_000_000;
  const id = `g${gradients}`;
  const stops = [
    [0, 4],
    [0.25, 16],
    [0.6, -3],
    [0.88, -20],
    [1, -12],
  ].map(([offset, shade]) => `<stop offset="${offset}" stop-color="${css(colour, shade)}"/>`);
  return {
    id,
    definition: `<linearGradient id="${id}" x1="0" y1="0" x2="1" y2="0.25">${stops.join('')}</linearGradient>`,
  };
}

/** A soft dark patch on the ground below a thing. */
export function shadow(x: number, y: number, radius: { across: number; down: number }): string {
  gradients = (gradients + 1) % 1_000_000;
  const id = `g${gradients}`;
  const stops =
    '<stop offset="0" stop-opacity="0.55"/><stop offset="0.6" stop-opacity="0.25"/><stop offset="1" stop-opacity="0"/>';
  const gradient = `<radialGradient id="${id}">${stops}</radialGradient>`;
  return `${gradient}<ellipse cx="${x}" cy="${y}" rx="${radius.across}" ry="${radius.down}" fill="url(#${id})"/>`;
}

/** A light that fades outwards. */
export function glow(x: number, y: number, options: { radius: number; colour: Hsl; strength: number }): string {
  gradients = (gradients + 1) % 1_000_000;
  const id = `g${gradients}`;
  const { colour, strength, radius } = options;
  const stops = `<stop offset="0" stop-color="${css(colour, 20)}" stop-opacity="${strength}"/><stop offset="1" stop-color="${css(colour)}" stop-opacity="0"/>`;
  return `<radialGradient id="${id}">${stops}</radialGradient><circle cx="${x}" cy="${y}" r="${radius}" fill="url(#${id})"/>`;
}

export function ellipse(
  x: number,
  y: number,
  shape: { across: number; down: number; colour: Hsl; turn?: number },
): string {
  const { id, definition } = roundFill(shape.colour);
  const turn = shape.turn === undefined ? '' : ` transform="rotate(${shape.turn} ${x} ${y})"`;
  return `${definition}<ellipse cx="${x}" cy="${y}" rx="${shape.across}" ry="${shape.down}" fill="url(#${id})"${turn}/>`;
}

export function box(
  x: number,
  y: number,
  shape: { width: number; height: number; colour: Hsl; corner?: number; turn?: number },
): string {
  const { id, definition } = roundFill(shape.colour);
  const turn =
    shape.turn === undefined ? '' : ` transform="rotate(${shape.turn} ${x + shape.width / 2} ${y + shape.height / 2})"`;
  return `${definition}<rect x="${x}" y="${y}" width="${shape.width}" height="${shape.height}" rx="${shape.corner ?? 1}" fill="url(#${id})"${turn}/>`;
}

export function path(data: string, colour: Hsl): string {
  const { id, definition } = roundFill(colour);
  return `${definition}<path d="${data}" fill="url(#${id})"/>`;
}

export function line(data: string, stroke: { colour: Hsl; width: number; opacity?: number }): string {
  return `<path d="${data}" fill="none" stroke="${css(stroke.colour)}" stroke-width="${stroke.width}" stroke-linecap="round" stroke-opacity="${stroke.opacity ?? 1}"/>`;
}

/** Fine parallel strokes over a rectangle: weave, grain or brushed metal. */
export function strokes(
  area: { x: number; y: number; width: number; height: number },
  options: { random: Random; count: number; colour: Hsl },
): string {
  const { random, count, colour } = options;
  return Array.from({ length: count }, () => {
    const y = area.y + random.next() * area.height;
    const from = area.x + random.next() * area.width * 0.3;
    const to = area.x + area.width * (0.7 + random.next() * 0.3);
    return line(`M${from} ${y} L${to} ${y + random.next() * 0.4}`, {
      colour,
      width: 0.12,
      opacity: 0.2 + random.next() * 0.3,
    });
  }).join('');
}
