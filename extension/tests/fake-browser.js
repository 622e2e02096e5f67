/**
 * What the extension's modules ask of a browser, in memory: storage, one toolbar button and pages that scripts may enter.
 *
 * @typedef {object} Page what a tab shows
 * @property {string} url
 * @property {boolean} [closed] whether the browser lets no extension in
 * @property {string[]} [pictures] addresses the page scan finds
 *
 * @typedef {{ text: string, title: string, popup: string }} Button
 */

import { readFileSync } from "node:fs";

const ORIGIN = "chrome-extension://apgaodngkolinhogingejbgjoknmjbdo";
const POPUP = `${ORIGIN}/popup/popup.html`;
const EVENTS = {
  runtime: ["onInstalled", "onStartup", "onMessage"],
  contextMenus: ["onClicked"],
  commands: ["onCommand"],
  alarms: ["onAlarm"],
  permissions: ["onAdded"],
};

export class FakeBrowser {
  /** @type {Record<string, any>} */
  session = {};
  /** @type {Record<string, any>} */
  local = {};
  /** Everything storage.session was ever given, as JSON. @type {string[]} */
  written = [];
  /** Listeners by the name of what they wait for. @type {Record<string, (...facts: any[]) => any>} */
  on = {};
  /** @type {Map<number, Page>} */
  #pages = new Map();
  /** @type {Map<number, Button>} */
  #buttons = new Map();
  /** Words of the badges put on pages, newest last. @type {{ tabId: number, url: string, card: import("../wording.js").Card }[]} */
  badges = [];

  /** @param {string} [language] */
  constructor(language = "en") {
    const messages = JSON.parse(readFileSync(new URL(`../_locales/${language}/messages.json`, import.meta.url), "utf8"));
    /** @type {Record<string, Record<string, any>>} */
    const chrome = {
      runtime: {
        id: "noiselens",
        getURL: (/** @type {string} */ path) => `${ORIGIN}/${path}`,
        getManifest: () => ({ version: "0.1.0" }),
        sendMessage: (/** @type {unknown} */ message) => this.ask(message, { url: POPUP }),
      },
      storage: { session: area(this.session, this.written), local: area(this.local) },
      i18n: {
        getMessage: (/** @type {string} */ key, /** @type {string[]} */ values = []) => {
          const { message = "", placeholders = {} } = messages[key] ?? {};
          return message.replace(/\$([A-Z]+)\$/g, (/** @type {string} */ _, /** @type {string} */ gap) => {
            return values[Number(placeholders[gap.toLowerCase()].content.slice(1)) - 1] ?? "";
          });
        },
      },
      contextMenus: { removeAll: async () => {}, create() {} },
      commands: {},
      alarms: { create() {}, clear: async () => {} },
      permissions: { contains: async () => true },
      declarativeNetRequest: { getSessionRules: async () => [], updateSessionRules: async () => {} },
      tabs: { get: async (/** @type {number} */ id) => ({ id, active: true, incognito: false, url: this.#pages.get(id)?.url }) },
      action: {
        getPopup: async (/** @type {{ tabId: number }} */ { tabId }) => this.button(tabId).popup,
        setPopup: async (/** @type {any} */ { tabId, popup }) => void (this.button(tabId).popup = popup),
        setBadgeText: async (/** @type {any} */ { tabId, text }) => void (this.button(tabId).text = text),
        setTitle: async (/** @type {any} */ { tabId, title }) => void (this.button(tabId).title = title),
        setBadgeBackgroundColor: async () => {},
        setBadgeTextColor: async () => {},
      },
      scripting: { executeScript: (/** @type {any} */ injection) => this.#inject(injection) },
    };
    for (const [space, names] of Object.entries(EVENTS)) {
      for (const name of names) {
        Object.assign(chrome[space] ?? {}, { [name]: { addListener: (/** @type {any} */ act) => (this.on[name] = act) } });
      }
    }
    Object.assign(globalThis, { chrome, location: new URL(POPUP) });
  }

  /**
   * Have a tab show another document, which takes from the button what was said of the last one.
   *
   * @param {number} tabId
   * @param {Page} page
   */
  visit(tabId, page) {
    this.#pages.set(tabId, page);
    this.#buttons.set(tabId, { text: "", title: "NoiseLens", popup: POPUP });
  }

  /**
   * @param {number} tabId
   * @returns {Button} the toolbar's while the tab is in front
   */
  button(tabId) {
    const button = this.#buttons.get(tabId);
    if (!button) throw new Error(`No tab with id: ${tabId}.`);
    return button;
  }

  /**
   * Send the worker a message.
   *
   * @param {any} message
   * @param {object} sender
   * @returns {Promise<any>}
   */
  ask(message, sender) {
    return new Promise((resolve) => this.on.onMessage?.(message, { id: "noiselens", ...sender }, resolve));
  }

  /** @param {{ target: { tabId: number, frameIds?: number[] }, func?: Function, args?: unknown[] }} injection */
  async #inject({ target: { tabId }, func, args = [] }) {
    const page = this.#pages.get(tabId);
    if (!page || page.closed) throw new Error("Cannot access contents of the page.");
    if (!func) return [];
    const inPage = {
      location: new URL(page.url),
      origin: new URL(page.url).origin,
      noiselensPage: { list: () => page.pictures ?? [], describe: () => null },
      noiselensBadges: {
        show: (/** @type {string} */ url, /** @type {string[]} */ _, /** @type {any} */ card) => this.badges.push({ tabId, url, card }),
        take() {},
      },
    };
    const known = Object.fromEntries(Object.keys(inPage).map((name) => [name, Reflect.get(globalThis, name)]));
    Object.assign(globalThis, inPage);
    const result = func(...args);
    Object.assign(globalThis, known); // before anything else goes on
    return [{ frameId: 0, result: await result }];
  }
}

/**
 * @param {Record<string, any>} kept
 * @param {string[]} [written]
 */
function area(kept, written = []) {
  return {
    get: async (/** @type {string | string[] | null} */ keys) =>
      structuredClone(keys === null ? kept : Object.fromEntries([keys].flat().map((key) => [key, kept[key]]))),
    set: async (/** @type {object} */ values) => {
      written.push(JSON.stringify(values));
      Object.assign(kept, structuredClone(values));
    },
    remove: async (/** @type {string | string[]} */ keys) => [keys].flat().forEach((key) => delete kept[key]),
    onChanged: { addListener() {} },
  };
}
