// Seconds to text and back: m:ss and h:mm:ss, as in the lists of chapters.

const two = (n) => String(n).padStart(2, "0");

/** "1:02:03"; with `digits`, "1:02:03.4". Rounded down to what is shown, as players do, from whole milliseconds. */
export function clock(seconds, digits = 0) {
  const unit = 10 ** digits;
  const whole = Math.floor((Math.round(Math.max(0, seconds) * 1000) / 1000) * unit + 1e-6);
  const s = Math.floor(whole / unit);
  const head = s >= 3600 ? `${Math.floor(s / 3600)}:${two(Math.floor(s / 60) % 60)}` : `${Math.floor(s / 60)}`;
  const tail = digits ? `.${String(whole % unit).padStart(digits, "0")}` : "";
  return `${head}:${two(s % 60)}${tail}`;
}

/** Shows tenths only where they are not zero. */
export const exact = (seconds) => clock(seconds, Math.round(seconds * 1000) % 1000 ? (Math.round(seconds * 1000) % 100 ? 3 : 1) : 0);

/** Seconds from "1:02:03.5", "62:03" or "62.5"; null if the text is no time. */
export function parse(text) {
  const found = /^(?:(?:(\d{1,3}):)?(\d{1,4}):)?(\d{1,6}(?:[.,]\d{1,6})?)$/.exec(text.trim());
  if (!found) return null;
  const [, hours = "0", minutes = "0", rest] = found;
  const seconds = Number(rest.replace(",", "."));
  if (text.includes(":") && seconds >= 60) return null;
  if (found[1] !== undefined && Number(minutes) >= 60) return null;
  return Number(hours) * 3600 + Number(minutes) * 60 + seconds;
}
