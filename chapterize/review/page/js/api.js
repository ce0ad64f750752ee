// Requests to the program on this machine. Each carries the token of this run.

import { t } from "./texts.js";

/** What the server refused, in its three parts; `status` is 0 if it did not answer at all. */
export class Refused extends Error {
  constructor(status, { what = "", why = "", hint = "" } = {}, answer = null) {
    super();
    Object.assign(this, { status, what, why, hint, answer });
  }

  get message() {
    const sentences = [this.what, this.why, this.hint].filter(Boolean).map((text) => text[0].toUpperCase() + text.slice(1));
    return sentences.join(". ") || t("noAnswer");
  }
}

async function send(path, { method = "GET", body, version, keepalive = false, signal } = {}) {
  const headers = { "X-Chapterize-Token": early.token };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (version !== undefined) headers["If-Match"] = `"${version}"`;
  const text = body === undefined ? undefined : JSON.stringify(body);
  // Requests that may outlive the page have at most 64 KiB.
  const isShort = !text || text.length < 20_000;
  return checked(fetch(path, { method, headers, keepalive: keepalive && isShort, signal, cache: "no-store", body: text }));
}

async function checked(request) {
  let response;
  try {
    response = await request;
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Refused(0);
  }
  if (response.ok) return response;
  const answer = await response.json().catch(() => ({}));
  throw new Refused(response.status, answer.error, answer);
}

/** The project, which was asked for before this module was loaded; null without a token. */
export const firstProject = early.project && (async () => (await checked(early.project)).json())();

export const getJson = async (path, options) => (await send(path, options)).json();
export const getText = async (path) => (await send(path)).text();
export const getBytes = async (path) => {
  const response = await send(path);
  return { bytes: new Uint8Array(await response.arrayBuffer()), rate: Number(response.headers.get("X-Rate")) || 20 };
};
export const post = (path, body = {}, options = {}) => getJson(path, { method: "POST", body, ...options });
export const put = (path, body, options = {}) => getJson(path, { method: "PUT", body, ...options });
