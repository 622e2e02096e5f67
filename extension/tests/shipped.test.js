/** What the browser loads: the manifest and the files it names. */

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { appSentence, failureSentence, percent } from "../wording.js";
import { ORIGIN } from "./app-server.js";

const ROOT = new URL("../", import.meta.url);
/** @param {string} path */
const read = (path) => readFileSync(new URL(path, ROOT), "utf8");
const manifest = JSON.parse(read("manifest.json"));

describe("the manifest", () => {
  it("fixes the id that the app's gate lets in", () => {
    const digest = createHash("sha256").update(Buffer.from(manifest.key, "base64")).digest("hex").slice(0, 32);
    const id = Array.from(digest, (digit) => String.fromCharCode(97 + Number.parseInt(digit, 16))).join("");
    assert.equal(`chrome-extension://${id}`, ORIGIN);
  });

  it("asks for no more than the work needs, and every site only when asked", () => {
    const unwarned = ["contextMenus", "menus", "storage", "scripting", "activeTab", "alarms", "declarativeNetRequestWithHostAccess"];
    assert.deepEqual(manifest.permissions, unwarned); // browsers warn of none of these
    assert.deepEqual(manifest.host_permissions, ["http://127.0.0.1/*"]);
    assert.deepEqual(manifest.optional_host_permissions, ["<all_urls>"]);
    assert.equal(manifest.content_scripts, undefined);
    assert.equal(manifest.web_accessible_resources, undefined);
    assert.equal(manifest.externally_connectable, undefined);
  });

  it("calls the app's helper only after asking", () => assert.deepEqual(manifest.optional_permissions, ["nativeMessaging"]));

  it("lets Firefox reach the loopback socket", () => {
    const policy = manifest.content_security_policy.extension_pages;
    assert.match(policy, /connect-src 'self' ws:\/\/127\.0\.0\.1:\* http: https: data: blob:/);
    assert.doesNotMatch(policy, /upgrade-insecure-requests|unsafe/);
    assert.equal(manifest.browser_specific_settings.gecko.strict_min_version, "142.0");
    assert.deepEqual(manifest.background.scripts, [manifest.background.service_worker]);
  });

  it("names files that are there", () => {
    const named = [
      manifest.background.service_worker,
      manifest.action.default_popup,
      manifest.options_ui.page,
      ...Object.values(manifest.icons),
    ];
    for (const path of named) assert.ok(existsSync(new URL(path, ROOT)), path);
  });
});

describe("the texts", () => {
  const messages = JSON.parse(read("_locales/en/messages.json"));
  const scripts = readdirSync(ROOT, { recursive: true, encoding: "utf8" }).filter(
    (path) => /\.(js|html)$/.test(path) && !/^(node_modules|tests)/.test(path) && path !== "eslint.config.js",
  );
  const source = scripts.map(read).join("\n");
  const asked = [...source.matchAll(/\b(?:text|getMessage)\("([a-z_]+)"|data-text="([a-z_]+)"/g)].map(([, a, b]) => a ?? b ?? "");
  const union = read("failures.js").match(/@typedef \{([^}]*)\} FailureCode/)?.[1] ?? "";
  const failures = [...union.matchAll(/"([a-z_]+)"/g)].map(([, code]) => code);

  it("are there for every use", () => {
    assert.ok(asked.length > 30);
    for (const key of asked) assert.ok(messages[key], key);
  });

  it("have a sentence for every failure but the app's own", () => {
    assert.ok(failures.length > 20);
    for (const code of failures) {
      if (code !== "refused") assert.match(messages[`failure_${code}`]?.message ?? "", /\.$/, code);
    }
  });

  it("are there in every language, with the same gaps", () => {
    for (const language of readdirSync(new URL("_locales/", ROOT))) {
      const other = JSON.parse(read(`_locales/${language}/messages.json`));
      assert.deepEqual(Object.keys(other), Object.keys(messages), language);
      for (const key of Object.keys(messages)) {
        assert.ok(other[key].message, key);
        assert.deepEqual(other[key].placeholders, messages[key].placeholders, key);
        for (const gap of messages[key].message.match(/\$[A-Z]+\$/g) ?? []) assert.ok(other[key].message.includes(gap), key);
      }
    }
  });

  it("say in every language as much as in the others", () => {
    const sentences = (/** @type {string} */ words) => words.match(/\.(?= |$)/g)?.length ?? 0;
    for (const language of readdirSync(new URL("_locales/", ROOT))) {
      const other = JSON.parse(read(`_locales/${language}/messages.json`));
      for (const key of Object.keys(messages)) {
        assert.equal(sentences(other[key].message), sentences(messages[key].message), `${language}: ${key}`);
      }
    }
  });

  it("say in which language numbers are written", () => {
    for (const [language, shown] of [["en", "13.07 %"], ["de", "13,07 %"]]) {
      const known = JSON.parse(read(`_locales/${language}/messages.json`));
      Object.assign(globalThis, { chrome: { i18n: { getMessage: (/** @type {string} */ key) => known[key].message } } });
      assert.equal(percent(0.1307), shown);
    }
  });

  it("say the app's sentences in the browser's language, numbers too, and in its own words what has no code", () => {
    const known = JSON.parse(read("_locales/de/messages.json"));
    const getMessage = (/** @type {string} */ key, /** @type {string[]} */ values = []) => {
      const { message = "", placeholders = {} } = known[key] ?? {};
      return message.replace(/\$([A-Z]+)\$/g, (/** @type {string} */ _, /** @type {string} */ gap) => {
        return values[Number(placeholders[gap.toLowerCase()].content.slice(1)) - 1] ?? "";
      });
    };
    Object.assign(globalThis, { chrome: { i18n: { getMessage } } });
    assert.equal(
      appSentence("English", ["too_many_pixels", "30000", "500", "1.5", "PNG", "64"]),
      "Das Bild hat 30.000 × 500 px, 1,5 Mpx; NoiseLens liest PNG bis 64 Mpx. Verkleinern Sie es zuerst.",
    );
    assert.equal(failureSentence({ code: "refused", detail: "English", why: ["no_such_code"] }), "English");
    assert.equal(failureSentence({ code: "refused", detail: "English" }), "English");
  });

  it("are all used", () => {
    const built = /^(extension_|command_|label_|band_likely|band_uncertain|failure_|said_|stage_)/;
    for (const key of Object.keys(messages)) assert.ok(built.test(key) || asked.includes(key), key);
  });
});
