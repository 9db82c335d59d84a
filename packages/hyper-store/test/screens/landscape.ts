/** Pictures for examples: landscapes drawn by a formula, as PNG, each number another one. */
import { png } from '../fixtures/png.ts'

type Colour = readonly [number, number, number]

const SKIES: readonly (readonly [Colour, Colour, Colour])[] = [
  [
    [28, 60, 110],
    [238, 170, 120],
    [255, 236, 190],
  ],
  [
    [96, 160, 214],
    [205, 229, 240],
    [255, 250, 224],
  ],
  [
    [38, 34, 78],
    [190, 92, 120],
    [255, 196, 140],
  ],
  [
    [120, 180, 190],
    [232, 236, 214],
    [255, 255, 240],
  ],
  [
    [20, 26, 52],
    [52, 74, 120],
    [220, 226, 240],
  ],
  [
    [88, 134, 190],
    [244, 206, 190],
    [255, 240, 210],
  ],
]
const HILLS: readonly Colour[] = [
  [62, 92, 88],
  [38, 70, 66],
  [84, 104, 70],
  [70, 60, 92],
  [34, 48, 70],
  [110, 92, 70],
]

/** A landscape of `width` by `height` pixels. */
export function landscape(number: number, width = 640, height = 480): Buffer {
  const [top, low, sun] = SKIES[number % SKIES.length] ?? SKIES[0]!
  const hill = HILLS[(number * 5 + 1) % HILLS.length] ?? HILLS[0]!
  const sunX = width * (0.2 + 0.6 * fraction(number * 0.37))
  const sunY = height * (0.25 + 0.2 * fraction(number * 0.71))
  const sunSize = height * (0.05 + 0.04 * fraction(number * 0.53))
  const rows = Buffer.alloc((width * 3 + 1) * height)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      let colour = mix(top, low, Math.min(1, y / (height * 0.7)))
      const far = Math.hypot(x - sunX, y - sunY) / sunSize
      if (far < 1) colour = sun
      else colour = mix(colour, sun, Math.max(0, 0.55 - far * 0.07))
      for (let layer = 0; layer < 4; layer++) {
        const edge = height * (0.52 + layer * 0.11) + ridge(x / width, number * 7 + layer) * height * (0.1 - layer * 0.012)
        if (y > edge) colour = mix(mix(hill, low, 0.62 - layer * 0.2), [12, 20, 22], Math.min(0.35, ((y - edge) / height) * 0.9))
      }
      const at = y * (width * 3 + 1) + 1 + x * 3
      rows.set(colour.map(Math.round), at)
    }
  }
  return png(width, height, rows)
}

function ridge(x: number, seed: number): number {
  return (
    Math.sin(x * 5.1 + seed * 1.7) * 0.6 +
    Math.sin(x * 11.7 + seed * 3.1) * 0.27 +
    Math.sin(x * 29.3 + seed * 0.9) * 0.1 +
    Math.sin(x * 71 + seed) * 0.03
  )
}

function mix(a: Colour, b: Colour, share: number): Colour {
  return [a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share, a[2] + (b[2] - a[2]) * share]
}

function fraction(value: number): number {
  return value - Math.floor(value)
}
