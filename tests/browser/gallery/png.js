/** Makes a PNG smaller: the same picture, compressed as well as can be. <https://www.w3.org/TR/png-3/> */

import { crc32, deflateSync, inflateSync } from 'node:zlib';

const SIGNATURE = 8;

/** @param {Buffer} png */
export function squeezed(png) {
  const chunks = [...chunksOf(png)];
  const data = Buffer.concat(chunks.filter(({ type }) => type === 'IDAT').map(({ body }) => body));
  const small = deflateSync(inflateSync(data), { level: 9, memLevel: 9 });
  const first = chunks.findIndex(({ type }) => type === 'IDAT');
  const others = chunks.filter(({ type }) => type !== 'IDAT');
  others.splice(first, 0, { type: 'IDAT', body: small });
  return Buffer.concat([png.subarray(0, SIGNATURE), ...others.map(written)]);
}

function* chunksOf(png) {
  for (let at = SIGNATURE; at < png.length; ) {
    const length = png.readUInt32BE(at);
    yield { type: png.toString('latin1', at + 4, at + 8), body: png.subarray(at + 8, at + 8 + length) };
    at += length + 12;
  }
}

function written({ type, body }) {
  const named = Buffer.concat([Buffer.from(type, 'latin1'), body]);
  const chunk = Buffer.alloc(named.length + 8);
  chunk.writeUInt32BE(body.length);
  named.copy(chunk, 4);
  chunk.writeUInt32BE(crc32(named), named.length + 4);
  return chunk;
}
