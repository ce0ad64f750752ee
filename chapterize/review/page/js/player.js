// The video, or the audio, or only a playhead where there is nothing to play.

import { post } from "./api.js";
import { $, click, setIcon } from "./dom.js";
import { on, state } from "./store.js";
import { t } from "./texts.js";
import { clock } from "./time.js";

const RATES = [0.5, 0.75, 1, 1.25, 1.5, 1.75, 2, 2.5, 3];
const video = $("video");
const watchers = [];
let still = 0; // the playhead without media, or before it is loaded
let stopAt = Infinity;
let shown = "";

const isReady = () => video.readyState >= 1;
export const time = () => (isReady() && !pendingSeek ? video.currentTime : still);
export const isPlaying = () => !video.paused && !video.ended;
/** Calls `run(seconds)` whenever the playhead moves, at most once a frame. */
export const onTime = (run) => watchers.push(run);

let pendingSeek = false;
export function seek(seconds) {
  still = Math.min(Math.max(0, seconds), state.project.duration);
  stopAt = Infinity;
  if (!isReady()) pendingSeek = true;
  else { pendingSeek = false; video.currentTime = still; }
  tell();
}

let wanted = null;
/** Show the frame at `seconds` during a drag; skips what the decoder cannot follow. */
export function glance(seconds) {
  if (!isReady()) return;
  if (video.seeking) { wanted = seconds; return; }
  wanted = null;
  video.currentTime = seconds;
}

export function toggle() {
  stopAt = Infinity;
  if (isPlaying()) video.pause();
  else play();
}

function play() {
  if (!isReady()) return;
  if (video.ended) video.currentTime = 0;
  video.play().catch(() => {});
}

/** Play from two seconds before `seconds` to two after. */
export function playAround(seconds) {
  seek(seconds - 2);
  stopAt = seconds + 2;
  play();
}

export function setRate(step) {
  const index = RATES.indexOf(video.playbackRate);
  // Loading a source resets the rate to the default.
  video.defaultPlaybackRate = video.playbackRate = step === 0 ? 1 : RATES[Math.min(Math.max(0, (index < 0 ? 2 : index) + step), RATES.length - 1)];
  $("rate").textContent = `${video.playbackRate}×`;
}

export function stepFrame(direction) {
  video.pause();
  seek(time() + direction / (state.project.frame_rate || 25));
}

const seen = { at: -1 };
function tell() {
  const seconds = time();
  if (seconds === seen.at) return;
  seen.at = seconds;
  for (const run of watchers) run(seconds);
}

function frame() {
  if (video.currentTime >= stopAt) { video.pause(); stopAt = Infinity; }
  tell();
  if (isPlaying()) requestAnimationFrame(frame);
}

function showMedia() {
  const { media, has_video: hasVideo, has_audio: hasAudio } = state.project;
  const canPlay = media.state === "direct" || media.state === "ready";
  const url = canPlay ? media.url : "";
  if (url !== shown) {
    still = time();
    pendingSeek = still > 0;
    shown = url;
    if (url) video.src = url; else video.removeAttribute("src");
    video.load();
  }
  const isAudio = canPlay && (media.kind === "audio" || !hasVideo);
  if (media.state === "preparing") cover("film", t("preparing"), media.progress ? t("preparingWhy") : "", media.progress);
  else if (media.state === "failed") cover("warn", t("mediaFailed"), media.why, null, true);
  else if (media.state === "none" || (!hasVideo && !hasAudio)) cover("film", t("noMedia"), media.why || t("noMediaWhy"));
  else if (isAudio) cover("audio", t("audioOnly"), "");
  else $("cover").hidden = true;
  for (const id of ["play", "t-frame-back", "t-frame-on", "slower", "rate", "faster", "mute", "full", "around"]) $(id).disabled = !canPlay;
}

function cover(name, what, why, progress = null, canRetry = false) {
  $("cover").hidden = false;
  setIcon("cover", name);
  $("cover-what").textContent = what;
  $("cover-why").textContent = why ?? "";
  $("cover-progress").hidden = progress === null || progress === undefined;
  $("cover-progress").value = progress ?? 0;
  $("cover-again").hidden = !canRetry;
}

/** HEVC loads without an error and shows no frame: ask for another version. */
async function needProxy() {
  const { media, has_video: hasVideo } = state.project;
  if (media.state !== "direct" || !hasVideo || (video.videoWidth > 0 && !video.error)) return;
  await askProxy();
}

async function askProxy() {
  cover("film", t("preparing"), t("preparingWhy"), 0);
  await post("/api/media/proxy").catch((error) => cover("warn", t("mediaFailed"), error.message, null, true));
  dispatchEvent(new Event("media-changed"));
}

export function startPlayer() {
  on("project", showMedia);
  video.addEventListener("loadedmetadata", () => {
    if (pendingSeek) { pendingSeek = false; video.currentTime = still; }
    needProxy();
    tell();
  });
  video.addEventListener("error", needProxy);
  video.addEventListener("seeked", () => { if (wanted !== null) glance(wanted); tell(); });
  video.addEventListener("timeupdate", tell);
  video.addEventListener("play", () => { showPlay(); requestAnimationFrame(frame); });
  video.addEventListener("pause", showPlay);
  video.addEventListener("ended", showPlay);
  video.addEventListener("click", toggle);
  onTime((seconds) => { $("now").textContent = clock(seconds); });

  click("play", toggle);
  click("t-back", () => seek(time() - 5));
  click("t-ahead", () => seek(time() + 5));
  click("t-frame-back", () => stepFrame(-1));
  click("t-frame-on", () => stepFrame(1));
  click("slower", () => setRate(-1));
  click("faster", () => setRate(1));
  click("rate", () => setRate(matchMedia("(max-width: 759px)").matches ? nextRate() : 0));
  click("mute", () => {
    video.muted = !video.muted;
    setIcon("mute", video.muted ? "mute" : "sound");
    $("mute").setAttribute("aria-label", t(video.muted ? "unmute" : "mute"));
  });
  click("full", () => $("screen").requestFullscreen?.());
  click("cover-again", askProxy);
}

const nextRate = () => (video.playbackRate >= 2 ? -99 : 1);

function showPlay() {
  setIcon("play", isPlaying() ? "pause" : "play");
  $("play").setAttribute("aria-label", t(isPlaying() ? "pause" : "play"));
}
