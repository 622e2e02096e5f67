/**
 * The size of an image as its header says it, without decoding: enough to tell a larger copy from another picture.
 *
 * @param {Uint8Array<ArrayBuffer>} content
 * @returns {{ width: number, height: number } | null} pixels as stored, null when the header does not say
 */
export function imageSize(content) {
  const view = new DataView(content.buffer, content.byteOffset, content.length);
  const head = String.fromCharCode(...content.subarray(0, 16));
  try {
    if (head.startsWith("\x89PNG")) return { width: view.getUint32(16), height: view.getUint32(20) };
    if (head.startsWith("GIF8")) return { width: view.getUint16(6, true), height: view.getUint16(8, true) };
    if (head.startsWith("BM")) return { width: view.getInt32(18, true), height: Math.abs(view.getInt32(22, true)) };
    if (head.startsWith("\xff\xd8")) return jpegSize(view);
    if (head.slice(8, 15) === "WEBPVP8") return webpSize(view, head[15] ?? "");
    if (head.slice(4, 8) === "ftyp") return avifSize(view);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error; // the header ends too early
  }
  return null;
}

/** @param {DataView} view */
function jpegSize(view) {
  for (let at = 2; ; ) {
    if (view.getUint8(at) !== 0xff) return null;
    const marker = view.getUint8(at + 1);
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (isFrame) return { width: view.getUint16(at + 7), height: view.getUint16(at + 5) };
    if (marker === 0xda) return null;
    at += marker === 0xff ? 1 : 2 + view.getUint16(at + 2);
  }
}

/**
 * @param {DataView} view
 * @param {string} kind last letter of the first chunk's name
 */
function webpSize(view, kind) {
  if (kind === " ") return { width: view.getUint16(26, true) & 0x3fff, height: view.getUint16(28, true) & 0x3fff };
  if (kind === "L") {
    const bits = view.getUint32(21, true);
    return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
  }
  /** @param {number} at */
  const three = (at) => view.getUint16(at, true) + view.getUint8(at + 2) * 65536 + 1;
  return { width: three(24), height: three(27) };
}

/** @param {DataView} view */
function avifSize(view) {
  const end = Math.min(view.byteLength - 16, 4096);
  for (let at = 0; at < end; at++) {
    if (view.getUint32(at) === 0x69737065) return { width: view.getUint32(at + 8), height: view.getUint32(at + 12) };
  }
  return null;
}
