/** The options page: pair, test the connection, name a port, forget the pairing. */

import { ask, byId, fillTexts } from "../page-text.js";
import { loadOwnPort } from "../pairing-store.js";
import { isPort } from "../protocol.js";
import { failureSentence, text } from "../wording.js";

const pairing = byId("pairing", HTMLInputElement);
const port = byId("port", HTMLInputElement);
const forget = byId("forget", HTMLButtonElement);

fillTexts(document);
const started = start();
byId("pairing-form", HTMLFormElement).addEventListener("submit", async (event) => {
  event.preventDefault();
  await started;
  const status = await ask({ type: "pair", text: pairing.value });
  const { failure } = status;
  const kept = failure?.code !== "bad_pairing" && failure?.code !== "key_refused";
  if (kept) pairing.value = "";
  const stored = failure && kept ? `${text("options_state_saved")} ` : "";
  say("pairing-state", !failure, failure ? stored + failureSentence(failure) : connected(status));
  say("connection-state", null, "");
  forget.hidden = !status.paired;
});
forget.addEventListener("click", async () => {
  const status = await ask({ type: "forget" });
  forget.hidden = !status.paired;
  say("pairing-state", null, text("options_state_forgotten"));
  say("connection-state", null, "");
});
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

async function start() {
  port.value = String((await loadOwnPort()) ?? "");
  const status = await ask({ type: "status" });
  forget.hidden = !status.paired;
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
