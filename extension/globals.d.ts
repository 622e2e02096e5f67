/** What the page says of one image. */
interface ImageFacts {
  /** Absolute address that the element names. */
  src: string;
  /** Absolute address that is on screen. */
  currentSrc: string;
  /** The srcset of each source of the image's picture and of the image itself, in the browser's order. */
  sets: { srcset: string; type: string }[];
  /** Addresses that may be a larger copy: the link's target, srcsets kept for later, what data attributes name. */
  links: string[];
  lazySets: string[];
  others: string[];
  baseUrl: string;
  /** The frame's, "null" for none; documents without an address of their own still have it. */
  origin: string;
  /** The image's own and that of the link around it, "" for the page's. */
  referrerPolicy: string;
  linkPolicy: string;
  /** Natural size in CSS pixels, 0 when unknown. */
  width: number;
  height: number;
}

type PageRead =
  | { dataUrl: string; finalUrl: string }
  | { failure: "too_big" | "site_refused" | "blocked" | "slow" | "broke_off" | "empty"; detail: string };

/** What the content scripts leave in their isolated world for the background to call. */
declare var noiselensPage:
  | {
      addressesOf(length: number): string[];
      clicked(targetId: number | null): string | null;
      find(url: string): Element | null;
      holderAt(element: Element | null): Element | null;
      holders(least: number): Element[];
      inView(least: number): string[];
      list(least: number): string[];
      pointed(): { url: string; rank: number };
      shownBy(element: Element): string;
      take(element: Element | null): string;
      visibleArea(element: Element): number;
      outer(element: Element): Element | null;
      describe(url: string): ImageFacts | null;
    }
  | undefined;

declare var noiselensReader:
  | {
      read(url: string, maxBytes: number, timeout_ms: number, referrerPolicy: ReferrerPolicy): Promise<PageRead>;
      referrer(): Promise<import("./referrer.js").Referrer>;
    }
  | undefined;

declare var noiselensBadges:
  | {
      /** Draw or redraw the badge of one image; false when the image is no longer in the page. */
      show(url: string, copies: string[], card: import("./wording.js").Card): boolean;
      /** The same for an element that is known. */
      attach(element: Element, copies: string[], card: import("./wording.js").Card): void;
      /** Take the badge of a check away. */
      take(id: string): void;
    }
  | undefined;

declare var noiselensPicker:
  | {
      /** Let the user choose a picture of at least this side in CSS pixels; the worker is told its address. */
      pick(least: number): void;
    }
  | undefined;

/** What Firefox alone has. */
declare var browser: { menus: { getTargetElement(id: number): Element | null } } | undefined;

declare var noiselensScan: true | undefined;

type Colours = Record<"surface" | "ink" | "soft" | "line" | "track" | import("./wording.js").Card["tone"], string>;

declare var noiselensPanel:
  | {
      LIGHT: Colours;
      DARK: Colours;
      element(tag: string, styles: Partial<CSSStyleDeclaration>, words?: string): HTMLElement;
      fill(panel: HTMLElement, card: import("./wording.js").Card, colours: Colours, remove: () => void): void;
      setStyle(target: HTMLElement | SVGElement, styles: Partial<CSSStyleDeclaration>): void;
      sign(tone: import("./wording.js").Card["tone"], colours: Colours, size: number): SVGElement;
    }
  | undefined;
