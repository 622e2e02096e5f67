/** What the page says of one image. */
interface ImageFacts {
  /** Absolute address that the element names. */
  src: string;
  /** Absolute address that is on screen. */
  currentSrc: string;
  /** The srcset of each source of the image's picture and of the image itself, in the browser's order. */
  sets: { srcset: string; type: string }[];
  baseUrl: string;
  /** Natural size in CSS pixels, 0 when unknown. */
  width: number;
  height: number;
}

type PageRead =
  | { dataUrl: string; finalUrl: string }
  | { failure: "too_big" | "site_refused" | "blocked" | "empty"; detail: string };

/** What the two content scripts leave in their isolated world for the background to call. */
declare var noiselensPage:
  | {
      find(url: string): HTMLImageElement | null;
      describe(url: string): ImageFacts | null;
      read(url: string, maxBytes: number, timeout_ms: number): Promise<PageRead>;
    }
  | undefined;

declare var noiselensBadges:
  | {
      /** Draw or redraw the badge of one image; false when the image is no longer in the page. */
      show(url: string, copies: string[], card: import("./wording.js").Card): boolean;
    }
  | undefined;
