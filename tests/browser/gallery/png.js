/** Makes a picture of a page small: a PNG of 256 colours, of which words and flat drawings need no more. <https://www.w3.org/TR/png-3/> */

import { crc32, deflateSync, inflateSync } from 'node:zlib';

const SIGNATURE = 8;
/** So many colours a palette has. */
const COLOURS = 256;

/** @param {Buffer} png as browsers write them: 8 bits for each of three or four channels, not interlaced */
export function squeezed(png) {
  const chunks = [...chunksOf(png)];
  const head = Buffer.from(chunks.find(({ type }) => type === 'IHDR').body);
  const data = inflateSync(Buffer.concat(chunks.filter(({ type }) => type === 'IDAT').map(({ body }) => body)));
  const [width, height, channels] = [head.readUInt32BE(0), head.readUInt32BE(4), head[9] === 6 ? 4 : 3];
  const pixels = unfiltered(data, width * channels, height, channels);
  const { palette, indexed } = reduced(pixels, width, height, channels);
  // Colour type 3: indices of a palette.
  head[9] = 3;
  const small = deflateSync(indexed, { level: 9, memLevel: 9 });
  const kept = [['IHDR', head], ['PLTE', palette], ['IDAT', small], ['IEND', Buffer.alloc(0)]];
  return Buffer.concat([png.subarray(0, SIGNATURE), ...kept.map(([type, body]) => written(type, body))]);
}

function* chunksOf(png) {
  for (let at = SIGNATURE; at < png.length; ) {
    const length = png.readUInt32BE(at);
    yield { type: png.toString('latin1', at + 4, at + 8), body: png.subarray(at + 8, at + 8 + length) };
    at += length + 12;
  }
}

/** Each line begins with the number of its filter, and tells how it differs from its neighbours. */
function unfiltered(data, stride, height, step) {
  const pixels = Buffer.alloc(stride * height);
  for (let line = 0; line < height; line += 1) {
    const filter = data[line * (stride + 1)];
    for (let x = 0; x < stride; x += 1) {
      const at = line * stride + x;
      const left = x < step ? 0 : pixels[at - step];
      const up = line === 0 ? 0 : pixels[at - stride];
      const corner = x < step || line === 0 ? 0 : pixels[at - stride - step];
      const expected = [0, left, up, (left + up) >> 1, nearest(left, up, corner)][filter];
      pixels[at] = data[line * (stride + 1) + 1 + x] + expected;
    }
  }
  return pixels;
}

/** Paeth's guess. */
function nearest(left, up, corner) {
  const guess = left + up - corner;
  const [toLeft, toUp, toCorner] = [left, up, corner].map((one) => Math.abs(guess - one));
  if (toLeft <= toUp && toLeft <= toCorner) return left;
  return toUp <= toCorner ? up : corner;
}

/** The palette of the colours that are there most often, and for each pixel the index of the one that is like its own. */
function reduced(pixels, width, height, channels) {
  const colours = new Uint32Array(width * height);
  const often = new Map();
  for (let at = 0; at < colours.length; at += 1) {
    const [red, green, blue] = [0, 1, 2].map((channel) => pixels[at * channels + channel]);
    colours[at] = (red << 16) | (green << 8) | blue;
    often.set(colours[at], (often.get(colours[at]) ?? 0) + 1);
  }
  const kept = [...often].sort(([, one], [, other]) => other - one).slice(0, COLOURS).map(([colour]) => colour);
  const index = new Map(kept.map((colour, number) => [colour, number]));
  const indexed = Buffer.alloc((width + 1) * height);
  colours.forEach((colour, at) => {
    if (!index.has(colour)) index.set(colour, alike(colour, kept));
    indexed[Math.floor(at / width) * (width + 1) + 1 + (at % width)] = index.get(colour);
  });
  return { palette: Buffer.from(kept.flatMap(channelsOf)), indexed };
}

function alike(colour, kept) {
  const own = channelsOf(colour);
  const far = kept.map((one) => channelsOf(one).reduce((sum, channel, number) => sum + (channel - own[number]) ** 2, 0));
  return far.indexOf(Math.min(...far));
}

function channelsOf(colour) {
  return [colour >> 16, (colour >> 8) & 255, colour & 255];
}

function written(type, body) {
  const named = Buffer.concat([Buffer.from(type, 'latin1'), body]);
  const chunk = Buffer.alloc(named.length + 8);
  chunk.writeUInt32BE(body.length);
  named.copy(chunk, 4);
  chunk.writeUInt32BE(crc32(named), named.length + 4);
  return chunk;
}
