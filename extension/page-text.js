/** Fills an extension page's texts: an element with `data-text` gets that message of _locales. */

import { Failure } from "./failures.js";
import { text } from "./wording.js";

/** @param {Document} page */
export function fillTexts(page) {
  page.documentElement.lang = text("language");
  for (const element of page.querySelectorAll("[data-text]")) {
    // An option such as --pair is read, and typed, as one word.
    const parts = text(element.getAttribute("data-text") ?? "").split(/(--[a-z]+)/);
    element.replaceChildren(...parts.map((part) => (part.startsWith("--") ? whole(part) : part)));
  }
}

/**
 * @param {string} words
 * @returns {HTMLElement} that no line breaks
 */
function whole(words) {
  const element = document.createElement("span");
  element.className = "whole";
  element.textContent = words;
  return element;
}

/**
 * Ask the background worker for something that ends in the state of the app.
 *
 * @param {import("./background.js").Question} question
 * @returns {Promise<import("./background.js").Status>}
 */
export async function ask(question) {
  const failure = new Failure("internal").toRecord();
  return (await answerTo(question)) ?? { paired: true, app: "", model: null, port: 0, failure };
}

/**
 * Have the background worker do something.
 *
 * @param {import("./background.js").Question} question
 * @returns {Promise<string>} what to tell the user, "" when there is nothing to tell
 */
export async function order(question) {
  return (await answerTo(question))?.words ?? text("failure_internal");
}

/**
 * @param {import("./background.js").Question} question
 * @returns {Promise<any>} null when the worker fails
 */
function answerTo(question) {
  return chrome.runtime.sendMessage(question).catch(() => null);
}

/**
 * @template {Element} T
 * @param {string} id
 * @param {new () => T} type
 * @returns {T}
 */
export function byId(id, type) {
  const element = document.getElementById(id);
  if (!(element instanceof type)) throw new Error(`the page lacks #${id}`);
  return element;
}
