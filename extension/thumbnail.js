/**
 * A small picture for the popup's list, drawn by the browser of what the app's own decoder has taken, and of nothing else; the
 * verdict never rests on it.
 */

const SIDE_PX = 96;
const MAX_PIXELS = 40_000_000; // the browser decodes the whole image, at four bytes a pixel

/**
 * @param {Uint8Array<ArrayBuffer>} content
 * @param {string} mime
 * @param {{ width: number, height: number }} size as the app found it
 * @returns {Promise<string>} a data: address of at most a few kilobytes, "" when the browser cannot draw the image
 */
export async function drawThumbnail(content, mime, { width: fullWidth, height: fullHeight }) {
  if (fullWidth * fullHeight > MAX_PIXELS) return "";
  try {
    const bitmap = await createImageBitmap(new Blob([content], { type: mime }));
    const scale = SIDE_PX / Math.min(bitmap.width, bitmap.height);
    const canvas = new OffscreenCanvas(SIDE_PX, SIDE_PX);
    const context = canvas.getContext("2d");
    if (!context) return "";
    context.imageSmoothingQuality = "high";
    const [width, height] = [bitmap.width * scale, bitmap.height * scale];
    context.drawImage(bitmap, (SIDE_PX - width) / 2, (SIDE_PX - height) / 2, width, height); // the middle square
    bitmap.close();
    const blob = await canvas.convertToBlob({ type: "image/webp", quality: 0.8 });
    const bytes = new Uint8Array(await blob.arrayBuffer());
    return `data:${blob.type};base64,${btoa(String.fromCharCode(...bytes))}`;
  } catch {
    return "";
  }
}
