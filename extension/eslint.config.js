import js from "@eslint/js";

const browser = Object.fromEntries(
  "AbortController AbortSignal Blob CSSStyleDeclaration DOMException Document Element Event EventTarget FileReader HTMLButtonElement HTMLElement HTMLAnchorElement HTMLFormElement HTMLImageElement HTMLInputElement HTMLLinkElement HTMLPictureElement HTMLStyleElement HTMLUListElement ShadowRoot HTMLVideoElement MutationObserver SVGImageElement IntersectionObserver OffscreenCanvas PerformanceObserver PointerEvent ResizeObserver TextDecoder TextEncoder URL WebSocket addEventListener atob btoa cancelAnimationFrame chrome clearTimeout console navigator getComputedStyle requestIdleCallback createImageBitmap crypto document fetch innerHeight innerWidth location matchMedia requestAnimationFrame setTimeout window"
    .split(" ")
    .map((name) => [name, "readonly"]),
);

export default [
  js.configs.recommended,
  {
    languageOptions: { ecmaVersion: 2023, sourceType: "module", globals: browser },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      curly: ["error", "multi-line"],
      eqeqeq: "error",
      "no-eval": "error",
      "no-implied-eval": "error",
      "no-restricted-properties": [
        "error",
        { property: "innerHTML", message: "Build elements; a page's text is never markup." },
        { property: "outerHTML", message: "Build elements; a page's text is never markup." },
      ],
      "no-shadow": "error",
      "no-var": "error",
      "object-shorthand": "error",
      "prefer-const": "error",
      "prefer-template": "error",
    },
  },
  // Injected into pages, where there are no modules.
  { files: ["page-image.js", "page-read.js", "picker.js", "badge-panel.js", "badge.js", "scan.js"], languageOptions: { sourceType: "script" } },
  {
    files: ["tests/**"],
    languageOptions: { globals: { Buffer: "readonly", console: "readonly", process: "readonly", clearInterval: "readonly", setInterval: "readonly", structuredClone: "readonly" } },
  },
];
