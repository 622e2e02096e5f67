/** The options page: pair in one of three ways, test the connection, name a port, private windows, sites. */

/** @import { OpenPairing } from "../code-pairing.js" */

import { probe } from "../app-link.js";
import { beginPairing } from "../code-pairing.js";
import { asksForPairing, Failure } from "../failures.js";
import { browserName, nativePairing, requestNative } from "../native.js";
import { ask, byId, fillTexts, order } from "../page-text.js";
import { loadOwnPort } from "../pairing-store.js";
import { isPort, PORTS } from "../protocol.js";
import { loadSettings, saveSettings } from "../settings.js";
import { failureSentence, siteName, text } from "../wording.js";

const pairing = byId("pairing", HTMLInputElement);
const port = byId("port", HTMLInputElement);
const forget = byId("forget", HTMLButtonElement);
const pairAgain = byId("pair-again", HTMLButtonElement);
/** The pairing by code that waits for the user. @type {OpenPairing | null} */
let open = null;

fillTexts(document);
// A pairing string is for Chromium's one origin; Firefox gives the extension another at every installation.
byId("pairing-form", HTMLFormElement).hidden = location.protocol === "moz-extension:";
byId("pairing-form", HTMLFormElement).addEventListener("submit", async (event) => {
  event.preventDefault();
  await started;
  if (await pairWith(pairing.value)) pairing.value = "";
});
byId("native", HTMLButtonElement).addEventListener("click", async () => {
  if (!(await requestNative())) return; // asked first, while the click still counts
  await started;
  try {
    await pairWith(await nativePairing());
  } catch (error) {
    say("pairing-state", false, failureSentence(Failure.from(error).toRecord()));
  }
});
byId("code-begin", HTMLButtonElement).addEventListener("click", async () => {
  say("pairing-state", null, text("popup_connecting"));
  try {
    const { version } = chrome.runtime.getManifest();
    const ports = [...PORTS, ...[await loadOwnPort()].filter(isPort)];
    const openSocket = (/** @type {string} */ url, /** @type {string} */ protocol) => new WebSocket(url, protocol);
    const begun = await beginPairing({ ports, origin: location.origin, version, name: browserName(), openSocket, probe });
    open = begun;
    byId("code", HTMLElement).textContent = `${begun.code.slice(0, 3)} ${begun.code.slice(3)}`;
    say("pairing-state", null, "");
    showCode(true);
    byId("code-differ", HTMLButtonElement).focus();
    const failure = await begun.ended;
    if (open !== begun) return; // the user has said how it goes on
    open = null;
    showCode(false);
    throw failure;
  } catch (error) {
    say("pairing-state", false, failureSentence(Failure.from(error).toRecord()));
  }
});
byId("code-same", HTMLButtonElement).addEventListener("click", async () => {
  say("pairing-state", null, text("options_code_wait"));
  const confirmed = open;
  open = null;
  try {
    if (confirmed) await pairWith(await confirmed.confirm());
  } catch (error) {
    say("pairing-state", false, failureSentence(Failure.from(error).toRecord()));
  }
  showCode(false);
});
byId("code-differ", HTMLButtonElement).addEventListener("click", () => {
  open?.cancel();
  open = null;
  say("pairing-state", false, text("options_code_differed"));
  showCode(false);
});
const inPrivate = byId("private", HTMLInputElement);
const pages = byId("pages", HTMLInputElement);
const started = start();
inPrivate.addEventListener("change", () => saveSettings({ privateWindows: inPrivate.checked }));
pages.addEventListener("change", () => saveSettings({ pageAddresses: pages.checked }));
forget.addEventListener("click", async () => {
  const status = await ask({ type: "forget" });
  drawPaired(status.paired, status.failure);
  say("pairing-state", null, text("options_state_forgotten"));
  say("connection-state", null, "");
});
pairAgain.addEventListener("click", () => showWays(byId("ways", HTMLElement).hidden));
byId("test", HTMLButtonElement).addEventListener("click", showConnection);
byId("port-form", HTMLFormElement).addEventListener("submit", async (event) => {
  event.preventDefault();
  const wanted = port.value.trim() === "" ? null : Number(port.value);
  if (wanted !== null && !isPort(wanted)) {
    say("port-state", false, text("options_port_bad"));
    return;
  }
  await ask({ type: "set_port", port: wanted });
  say("port-state", true, text("options_port_saved"));
});

/**
 * @param {string} words a pairing string
 * @returns {Promise<boolean>} whether it was kept
 */
async function pairWith(words) {
  const status = await ask({ type: "pair", text: words });
  const { failure } = status;
  const kept = failure?.code !== "bad_pairing" && failure?.code !== "key_refused";
  const stored = failure && kept ? `${text("options_state_saved")} ` : "";
  say("pairing-state", !failure, failure ? stored + failureSentence(failure) : connected(status));
  say("connection-state", null, "");
  drawPaired(status.paired, status.failure);
  return kept;
}

/**
 * Show the ways of pairing to those who need one.
 *
 * @param {boolean} paired
 * @param {import("../failures.js").FailureRecord | null} failure
 */
function drawPaired(paired, failure) {
  byId("paired", HTMLElement).hidden = !paired;
  byId("native", HTMLButtonElement).classList.toggle("primary", !paired);
  const wasThere = byId("ways", HTMLElement).contains(document.activeElement);
  showWays(!paired || asksForPairing(failure) || failure?.code === "bad_pairing");
  if (wasThere && byId("ways", HTMLElement).hidden) pairAgain.focus(); // the focus goes not with what it was on
}

/** @param {boolean} on */
function showWays(on) {
  byId("ways", HTMLElement).hidden = !on;
  pairAgain.setAttribute("aria-expanded", String(on));
}

/** @param {boolean} on */
function showCode(on) {
  byId("code-compare", HTMLElement).hidden = !on;
  byId("code-begin", HTMLButtonElement).hidden = on;
}

async function drawSites() {
  const { sites } = await loadSettings();
  byId("no-sites", HTMLElement).hidden = sites.length > 0;
  byId("sites", HTMLUListElement).replaceChildren(
    ...sites.map((site) => {
      const item = document.createElement("li");
      const off = document.createElement("button");
      off.textContent = text("options_site_off");
      off.setAttribute("aria-label", `${text("options_site_off")}: ${siteName(site)}`);
      off.addEventListener("click", async () => {
        await order({ type: "set_site", site, on: false });
        await drawSites();
      });
      item.append(siteName(site), off);
      return item;
    }),
  );
}

async function start() {
  await drawSites();
  const settings = await loadSettings();
  inPrivate.checked = settings.privateWindows;
  pages.checked = settings.pageAddresses;
  port.value = String((await loadOwnPort()) ?? "");
  const status = await ask({ type: "status" });
  drawPaired(status.paired, status.failure);
  say("pairing-state", null, status.paired ? text("options_state_paired") : text("options_state_unpaired"));
  if (!status.paired) return;
  if (status.failure) say("connection-state", false, failureSentence(status.failure));
  else say("connection-state", true, connected(status));
}

async function showConnection() {
  say("connection-state", null, text("popup_connecting"));
  const status = await ask({ type: "status" });
  say("connection-state", !status.failure, status.failure ? failureSentence(status.failure) : connected(status));
}

/**
 * @param {import("../background.js").Status} status
 * @returns {string}
 */
function connected({ app, port: found, model }) {
  const line = text("options_connected", app, found);
  return `${line} ${model === null ? text("popup_model_loading") : `${text("verdict_model", model)}.`}`;
}

/**
 * @param {string} id
 * @param {boolean | null} good null for a plain state
 * @param {string} words
 */
function say(id, good, words) {
  const line = byId(id, HTMLElement);
  line.textContent = words;
  line.dataset.state = good === null ? "plain" : good ? "good" : "bad";
}
