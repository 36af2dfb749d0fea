import { box, type Canvas, ellipse, glow, type Hsl, line, path, shadow, strokes } from './draw.ts';

/** Hills behind hills, paler with distance, and a tent in front. */
export function drawCamping(canvas: Canvas): string {
  const { width, height, random } = canvas;
  const hue = random.integer(190, 240);
  const ranges = Array.from({ length: 6 }, (_, layer) => {
    const base = height * (0.34 + layer * 0.1);
    const steps = 14;
    const crest = Array.from({ length: steps + 1 }, (_unused, step) => {
      const x = (width / steps) * step;
      return `L${x} ${base - random.next() * (22 - layer * 3)}`;
    });
    return path(`M0 ${height} ${crest.join(' ')} L${width} ${height} Z`, [
      hue - layer * 18,
      18 + layer * 5,
      70 - layer * 9,
    ]);
  });
  const x = width * (0.3 + random.next() * 0.3);
  const y = height * 0.86;
  const cloth: Hsl = [random.integer(10, 55), 75, 52];
  return [
    glow(width * random.next(), height * 0.16, { radius: 60, colour: [42, 90, 75], strength: 0.6 }),
    ...ranges,
    shadow(x + 14, y + 1, { across: 34, down: 5 }),
    path(`M${x - 20} ${y} L${x} ${y - 24} L${x + 12} ${y} Z`, cloth),
    path(`M${x + 12} ${y} L${x} ${y - 24} L${x + 30} ${y - 20} L${x + 42} ${y - 1} Z`, [cloth[0], 65, 42]),
    path(`M${x - 6} ${y} L${x} ${y - 17} L${x + 5} ${y} Z`, [cloth[0], 40, 16]),
    ...Array.from({ length: 220 }, () => {
      const left = random.next() * width;
      const low = height * 0.84 + random.next() * height * 0.16;
      return line(`M${left} ${low} q${random.next() - 0.5} -2 ${random.next() * 1.6 - 0.8} -${2 + random.next() * 2}`, {
        colour: [random.integer(70, 110), 35, random.integer(18, 40)],
        width: 0.25,
      });
    }),
  ].join('');
}

/** Two wheels and the frame between them. */
export function drawCycling(canvas: Canvas): string {
  const { width, height, random } = canvas;
  const y = height * 0.6;
  const radius = 21;
  const middle = width / 2;
  const left = middle - 29;
  const right = middle + 29;
  const colour: Hsl = [random.integer(0, 359), 65, 42];
  const wheel = (x: number) => {
    const turn = random.next();
    const spokes = Array.from({ length: 28 }, (_, index) => {
      const angle = ((index + turn) / 28) * Math.PI * 2;
      return line(`M${x} ${y} L${x + Math.cos(angle) * radius} ${y + Math.sin(angle) * radius}`, {
        colour: [0, 0, 78],
        width: 0.16,
      });
    });
    return [
      shadow(x, y + radius + 1, { across: 22, down: 3 }),
      `<circle cx="${x}" cy="${y}" r="${radius}" fill="none" stroke="#111" stroke-width="2.4"/>`,
      `<circle cx="${x}" cy="${y}" r="${radius - 1.9}" fill="none" stroke="#bbb" stroke-width="0.9"/>`,
      ...spokes,
      ellipse(x, y, { across: 1.6, down: 1.6, colour: [0, 0, 50] }),
    ].join('');
  };
  const tube = (data: string) =>
    line(data, { colour, width: 2.1 }) + line(data, { colour: [colour[0], 60, 66], width: 0.5 });
  const seat = { x: left + 20, y: y - 27 };
  const head = { x: right - 7, y: y - 27 };
  const crank = { x: middle - 4, y: y + 4 };
  return [
    wheel(left),
    wheel(right),
    tube(`M${left} ${y} L${crank.x} ${crank.y} L${head.x} ${head.y + 4} L${seat.x} ${seat.y + 6} Z`),
    tube(`M${seat.x - 2} ${seat.y} L${crank.x} ${crank.y}`),
    tube(`M${head.x - 1} ${head.y - 4} L${right} ${y}`),
    ellipse(crank.x, crank.y, { across: 5, down: 5, colour: [0, 0, 24] }),
    box(seat.x - 9, seat.y - 3, { width: 14, height: 3, colour: [22, 45, 24], corner: 1.5 }),
    line(`M${head.x - 1} ${head.y - 4} q8 -6 10 2 q0 6 -5 6`, { colour: [22, 45, 24], width: 1.8 }),
  ].join('');
}

/** Leaves over leaves, some flowers, and a pot of clay. */
export function drawGarden(canvas: Canvas): string {
  const { width, height, random } = canvas;
  const leaf = (index: number) => {
    const x = random.next() * width;
    const y = random.next() * height * 0.95;
    const long = 4 + random.next() * 9;
    const turn = random.integer(0, 359);
    const colour: Hsl = [random.integer(75, 150), random.integer(25, 55), 14 + Math.floor(index / 8)];
    const vein = line(`M${x - long * 0.9} ${y} L${x + long * 0.9} ${y}`, {
      colour: [colour[0], 30, 62],
      width: 0.18,
      opacity: 0.5,
    });
    return `${ellipse(x, y, { across: long, down: long * 0.36, colour, turn })}<g transform="rotate(${turn} ${x} ${y})">${vein}</g>`;
  };
  const bloom = () => {
    const x = random.next() * width;
    const y = random.next() * height * 0.7;
    const hue = random.pick([340, 48, 285, 15]);
    const petals = Array.from({ length: 7 }, (_, index) => {
      const angle = (index / 7) * Math.PI * 2;
      return ellipse(x + Math.cos(angle) * 2, y + Math.sin(angle) * 2, {
        across: 2,
        down: 1.2,
        colour: [hue, 70, 66],
        turn: index * 51,
      });
    });
    return petals.join('') + ellipse(x, y, { across: 1.2, down: 1.2, colour: [45, 85, 50] });
  };
  const x = width * (0.35 + random.next() * 0.3);
  return [
    ...Array.from({ length: 230 }, (_, index) => leaf(index)),
    ...Array.from({ length: 9 }, bloom),
    shadow(x, height * 0.97, { across: 26, down: 6 }),
    path(
      `M${x - 17} ${height * 0.7} L${x - 12} ${height * 0.97} L${x + 12} ${height * 0.97} L${x + 17} ${height * 0.7} Z`,
      [16, 52, 48],
    ),
    ellipse(x, height * 0.7, { across: 18, down: 4, colour: [16, 50, 54] }),
    ellipse(x, height * 0.703, { across: 15.5, down: 3, colour: [20, 40, 14] }),
  ].join('');
}

/** A bag that stands by itself, with its seams. */
export function drawBags(canvas: Canvas): string {
  const { width, height, random } = canvas;
  const colour: Hsl = [random.integer(0, 359), random.integer(18, 45), random.integer(28, 46)];
  const leather: Hsl = [24, 50, 34];
  const wide = 40 + random.next() * 14;
  const tall = 46 + random.next() * 12;
  const x = width / 2 - wide / 2;
  const y = height * 0.88 - tall;
  const seam = (data: string) =>
    `<path d="${data}" fill="none" stroke="hsl(40, 40%, 78%)" stroke-width="0.35" stroke-dasharray="1.1 0.7"/>`;
  return [
    shadow(width / 2 + 4, height * 0.89, { across: wide * 0.8, down: 7 }),
    line(
      `M${x + wide * 0.3} ${y + 4} C${x + wide * 0.3} ${y - 18} ${x + wide * 0.7} ${y - 18} ${x + wide * 0.7} ${y + 4}`,
      { colour: leather, width: 2.6 },
    ),
    box(x, y, { width: wide, height: tall, colour, corner: 7 }),
    strokes(
      { x: x + 1, y: y + 2, width: wide - 2, height: tall - 4 },
      { random, count: 240, colour: [colour[0], 20, 14] },
    ),
    box(x + 4, y + tall * 0.5, {
      width: wide - 8,
      height: tall * 0.42,
      colour: [colour[0], colour[1], colour[2] + 5],
      corner: 4,
    }),
    seam(`M${x + 5} ${y + tall * 0.52} h${wide - 10} v${tall * 0.38} h-${wide - 10} Z`),
    box(x - 0.5, y + tall * 0.2, { width: wide + 1, height: 4.4, colour: leather, corner: 0.8 }),
    seam(`M${x + 1} ${y + tall * 0.2 + 0.8} h${wide - 2}`),
    seam(`M${x + 1} ${y + tall * 0.2 + 3.6} h${wide - 2}`),
    box(width / 2 - 3, y + tall * 0.2 - 1, { width: 6, height: 6.4, colour: [44, 60, 52], corner: 1 }),
  ].join('');
}

/** A head and shoulders, without a face to recognise. */
export function drawPortrait(canvas: Canvas): string {
  const { width, height, random } = canvas;
  const x = width / 2;
  const skin: Hsl = [random.integer(18, 32), random.integer(30, 55), random.integer(34, 76)];
  const hair: Hsl = [random.integer(15, 45), random.integer(10, 50), random.integer(10, 50)];
  const cloth: Hsl = [random.integer(0, 359), 40, 45];
  return [
    ellipse(x, height * 0.36, { across: 24, down: 27, colour: hair }),
    path(
      `M${x - 42} ${height} C${x - 40} ${height * 0.7} ${x - 14} ${height * 0.72} ${x} ${height * 0.7} C${x + 14} ${height * 0.72} ${x + 40} ${height * 0.7} ${x + 42} ${height} Z`,
      cloth,
    ),
    box(x - 8, height * 0.52, { width: 16, height: 20, colour: [skin[0], skin[1], skin[2] - 6], corner: 6 }),
    ellipse(x, height * 0.42, { across: 19, down: 23, colour: skin }),
    path(
      `M${x - 21} ${height * 0.38} Q${x - 10} ${height * (0.08 + random.next() * 0.06)} ${x + 21} ${height * 0.36} Q${x + 4} ${height * 0.24} ${x - 21} ${height * 0.38} Z`,
      hair,
    ),
  ].join('');
}
