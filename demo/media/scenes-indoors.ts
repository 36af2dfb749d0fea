import { box, type Canvas, ellipse, glow, type Hsl, line, path, shadow, strokes } from './draw.ts';

function hue(canvas: Canvas, options: { saturation: number; lightness: number }): Hsl {
  return [canvas.random.integer(0, 359), options.saturation, options.lightness];
}

/** A pot on a worktop, sometimes with its lid, and a spoon beside it. */
export function drawCookware(canvas: Canvas): string {
  const { width, height, random } = canvas;
  const colour = hue(canvas, { saturation: 45, lightness: 38 });
  const x = width * (0.4 + random.next() * 0.2);
  const y = height * 0.58;
  const across = 26 + random.next() * 7;
  const deep = 14 + random.next() * 12;
  const steel: Hsl = [30, 8, 55];
  const pot = [
    shadow(x + 6, y + deep + 4, { across: across * 1.5, down: 9 }),
    ellipse(x - across - 3, y + 2, { across: 5, down: 2.6, colour }),
    ellipse(x + across + 3, y + 2, { across: 5, down: 2.6, colour }),
    path(
      `M${x - across} ${y} L${x - across * 0.88} ${y + deep} Q${x} ${y + deep + 9} ${x + across * 0.88} ${y + deep} L${x + across} ${y} Z`,
      colour,
    ),
    ellipse(x, y, { across, down: 7, colour: [colour[0], 12, 82] }),
    ellipse(x, y + 0.8, { across: across - 2, down: 5.6, colour: [24, 45, 22] }),
  ];
  const herbs = Array.from({ length: 26 }, () =>
    ellipse(x + (random.next() - 0.5) * across * 1.4, y + (random.next() - 0.5) * 6, {
      across: 0.8 + random.next(),
      down: 0.4,
      colour: [random.integer(70, 130), 45, 40],
      turn: random.integer(0, 180),
    }),
  );
  const spoonX = x + across + 18;
  const spoon = [
    shadow(spoonX + 2, y + 26, { across: 10, down: 3 }),
    line(`M${spoonX} ${y + 20} L${spoonX + 12} ${y - 20}`, { colour: steel, width: 2 }),
    ellipse(spoonX - 1, y + 23, { across: 4, down: 6, colour: steel, turn: 18 }),
  ];
  return [...pot, ...herbs, ...spoon].join('');
}

/** Plates and a cup, seen from above. */
export function drawTableware(canvas: Canvas): string {
  const { width, height, random } = canvas;
  const colour = hue(canvas, { saturation: 22, lightness: 74 });
  const dish = (x: number, y: number, radius: number) =>
    [
      shadow(x + 3, y + 4, { across: radius * 1.25, down: radius * 1.2 }),
      ...[1, 0.96, 0.72, 0.69].map((share, ring) =>
        ellipse(x, y, {
          across: radius * share,
          down: radius * share,
          colour: [colour[0], colour[1], colour[2] - ring * 4 + (ring % 2) * 9],
        }),
      ),
      ...Array.from({ length: 90 }, () => {
        const angle = random.next() * Math.PI * 2;
        const distance = radius * Math.sqrt(random.next()) * 0.95;
        return ellipse(x + Math.cos(angle) * distance, y + Math.sin(angle) * distance, {
          across: 0.12 + random.next() * 0.25,
          down: 0.15,
          colour: [colour[0], 30, 30],
        });
      }),
    ].join('');
  return [
    dish(width * 0.36, height * 0.5, 27 + random.next() * 6),
    dish(width * 0.72, height * 0.34, 15 + random.next() * 4),
    dish(width * 0.74, height * 0.72, 11 + random.next() * 4),
  ].join('');
}

/** Folds of cloth, one over the other. */
export function drawBedding(canvas: Canvas): string {
  const { width, height, random } = canvas;
  const colour = hue(canvas, { saturation: 18, lightness: 72 });
  const layers = Array.from({ length: 9 }, (_, index) => {
    const top = height * (0.12 + index * 0.1);
    const points = Array.from({ length: 5 }, (_unused, step) => {
      const x = (width / 4) * step;
      return `${x} ${top + (random.next() - 0.5) * 14}`;
    });
    const [first, second, third, fourth, fifth] = points;
    const edge = `M0 ${height} L${first} Q${second} ${third} T${fourth} T${fifth} L${width} ${height} Z`;
    const layer: Hsl = [colour[0] + index * 3, colour[1], colour[2] - (index % 3) * 7];
    return (
      path(edge, layer) +
      strokes({ x: 0, y: top, width, height: height * 0.12 }, { random, count: 60, colour: [colour[0], 10, 45] })
    );
  });
  return layers.join('');
}

/** A lamp that is lit, in a dark room. */
export function drawLighting(canvas: Canvas): string {
  const { width, height, random } = canvas;
  const x = width * (0.38 + random.next() * 0.24);
  const y = height * (0.4 + random.next() * 0.1);
  const radius = 13 + random.next() * 8;
  const warm: Hsl = [random.integer(28, 48), 90, 66];
  const metal: Hsl = [38, 35, 34];
  return [
    glow(x, y, { radius: 75, colour: warm, strength: 0.55 }),
    line(`M${x} 0 L${x} ${y - radius}`, { colour: [0, 0, 8], width: 0.7 }),
    ellipse(x, y, { across: radius, down: radius * (0.7 + random.next() * 0.4), colour: warm }),
    glow(x - radius * 0.2, y, { radius: radius * 0.9, colour: [50, 100, 88], strength: 0.9 }),
    box(x - 2.5, y - radius - 4, { width: 5, height: 5, colour: metal }),
    glow(x, height, { radius: 50, colour: warm, strength: 0.35 }),
    box(width * 0.1, height * 0.86, { width: width * 0.8, height: 3, colour: [24, 40, 20] }),
    strokes(
      { x: width * 0.1, y: height * 0.86, width: width * 0.8, height: 3 },
      { random, count: 40, colour: [20, 40, 10] },
    ),
  ].join('');
}

/** Books on a shelf. */
export function drawBooks(canvas: Canvas): string {
  const { width, height, random } = canvas;
  const shelf = height * 0.84;
  const books: string[] = [shadow(width / 2, shelf + 3, { across: width * 0.5, down: 8 })];
  for (let x = width * 0.06; x < width * 0.9; ) {
    const thick = 3.5 + random.next() * 6;
    const tall = 34 + random.next() * 26;
    const colour: Hsl = [random.integer(0, 359), random.integer(15, 55), random.integer(22, 62)];
    books.push(
      box(x, shelf - tall, { width: thick, height: tall, colour, corner: 0.5 }),
      box(x + 0.6, shelf - tall * 0.86, { width: thick - 1.2, height: 1, colour: [45, 50, 70], corner: 0.1 }),
      box(x + 0.6, shelf - tall * 0.2, { width: thick - 1.2, height: 0.6, colour: [45, 50, 70], corner: 0.1 }),
      strokes({ x, y: shelf - tall, width: thick, height: tall }, { random, count: 12, colour: [colour[0], 20, 15] }),
    );
    x += thick + 0.2;
  }
  books.push(box(0, shelf, { width, height: 4, colour: [26, 38, 30], corner: 0 }));
  books.push(strokes({ x: 0, y: shelf, width, height: 4 }, { random, count: 60, colour: [22, 40, 14] }));
  return books.join('');
}

/** A board in squares, with pieces and dice. */
export function drawBoardGames(canvas: Canvas): string {
  const { width, height, random } = canvas;
  const side = Math.min(width, height) * 0.09;
  const left = width / 2 - side * 4;
  const top = height / 2 - side * 4;
  const tone = random.integer(18, 40);
  const squares = Array.from({ length: 64 }, (_, index) => {
    const column = index % 8;
    const row = Math.floor(index / 8);
    const colour: Hsl = (column + row) % 2 === 0 ? [tone, 40, 72] : [tone, 42, 30];
    return box(left + column * side, top + row * side, { width: side, height: side, colour, corner: 0 });
  });
  const pieces = Array.from({ length: 14 }, () => {
    const x = left + side * (random.integer(0, 7) + 0.5);
    const y = top + side * (random.integer(0, 7) + 0.5);
    const colour: Hsl = [random.pick([5, 45, 130, 215, 280]), 60, 48];
    return [
      shadow(x + 1.5, y + 2, { across: side * 0.55, down: side * 0.35 }),
      ellipse(x, y, { across: side * 0.34, down: side * 0.3, colour }),
      ellipse(x, y - side * 0.3, { across: side * 0.2, down: side * 0.2, colour }),
    ].join('');
  });
  return [
    shadow(width / 2 + 3, height / 2 + 5, { across: side * 5.4, down: side * 5.2 }),
    box(left - 3, top - 3, { width: side * 8 + 6, height: side * 8 + 6, colour: [tone, 45, 22], corner: 2 }),
    ...squares,
    strokes({ x: left, y: top, width: side * 8, height: side * 8 }, { random, count: 160, colour: [tone, 40, 15] }),
    ...pieces,
  ].join('');
}

/** Loudspeakers, or what goes over the ears. */
export function drawAudio(canvas: Canvas): string {
  const { width, height, random } = canvas;
  const colour = hue(canvas, { saturation: 12, lightness: 24 });
  const x = width * 0.5;
  const y = height * 0.5;
  const cup = (at: number) =>
    [
      shadow(at + 4, y + 22, { across: 22, down: 8 }),
      ...[19, 17, 12, 7, 3].map((radius, ring) =>
        ellipse(at, y, {
          across: radius,
          down: radius * 1.08,
          colour: [colour[0], colour[1], colour[2] + (ring % 2) * 14],
        }),
      ),
      ...Array.from({ length: 120 }, () => {
        const angle = random.next() * Math.PI * 2;
        const distance = 7 + random.next() * 9;
        return ellipse(at + Math.cos(angle) * distance, y + Math.sin(angle) * distance, {
          across: 0.22,
          down: 0.22,
          colour: [0, 0, 8],
        });
      }),
    ].join('');
  const gap = 26 + random.next() * 8;
  return [
    line(`M${x - gap} ${y - 14} C${x - gap} ${y - 58} ${x + gap} ${y - 58} ${x + gap} ${y - 14}`, { colour, width: 5 }),
    line(`M${x - gap} ${y - 14} C${x - gap} ${y - 57} ${x + gap} ${y - 57} ${x + gap} ${y - 14}`, {
      colour: [colour[0], 15, 48],
      width: 1,
    }),
    cup(x - gap),
    cup(x + gap),
  ].join('');
}

/** Keys, or a screen on a desk. */
export function drawComputing(canvas: Canvas): string {
  const { width, height, random } = canvas;
  const colour = hue(canvas, { saturation: 14, lightness: 30 });
  const side = width * 0.058;
  const left = width * 0.1;
  const top = height * 0.3;
  const rows = 6;
  const keys = Array.from({ length: rows * 13 }, (_, index) => {
    const x = left + (index % 13) * (side * 1.06) + Math.floor(index / 13) * side * 0.12;
    const y = top + Math.floor(index / 13) * (side * 1.06);
    const isAccent = random.chance(0.08);
    const cap: Hsl = isAccent ? [colour[0] + 150, 60, 55] : [colour[0], 10, 60 + random.integer(-4, 4)];
    return [
      box(x, y + 0.9, { width: side, height: side, colour: [0, 0, 10], corner: 1 }),
      box(x, y, { width: side, height: side, colour: cap, corner: 1 }),
      box(x + side * 0.14, y + side * 0.08, {
        width: side * 0.72,
        height: side * 0.7,
        colour: [cap[0], cap[1], cap[2] + 8],
        corner: 0.8,
      }),
    ].join('');
  });
  return [
    shadow(width * 0.52, top + side * rows, { across: width * 0.5, down: 16 }),
    box(left - 3, top - 4, { width: side * 14.9 + 2, height: side * rows * 1.06 + 8, colour, corner: 3 }),
    strokes(
      { x: left - 3, y: top - 4, width: side * 14.9, height: side * rows * 1.06 + 8 },
      { random, count: 120, colour: [0, 0, 70] },
    ),
    ...keys,
  ].join('');
}
