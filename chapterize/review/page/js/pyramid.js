// The loudness of hours in a few hundred columns: each level holds the maxima of four of the last.

const STEP = 4;

export function pyramid(bytes, rate) {
  const levels = [bytes];
  while (levels.at(-1).length > 1024) {
    const from = levels.at(-1);
    const level = new Uint8Array(Math.ceil(from.length / STEP));
    for (let i = 0, at = 0; i < level.length; i += 1, at += STEP) {
      level[i] = Math.max(from[at], from[at + 1] ?? 0, from[at + 2] ?? 0, from[at + 3] ?? 0);
    }
    levels.push(level);
  }
  return { levels, rate, top: Math.max(1, ...levels.at(-1)) };
}

/** Fill `out` with one maximum for each column of [from, to] seconds. */
export function columns({ levels, rate }, from, to, out) {
  const perColumn = ((to - from) * rate) / out.length;
  let level = 0;
  while (level + 1 < levels.length && perColumn >= STEP ** (level + 1)) level += 1;
  const values = levels[level];
  const scale = rate / STEP ** level;
  const step = ((to - from) / out.length) * scale;
  let at = from * scale;
  for (let x = 0; x < out.length; x += 1, at += step) {
    const last = Math.min(values.length - 1, Math.floor(at + step - 1e-9));
    let most = 0;
    for (let i = Math.max(0, Math.floor(at)); i <= last; i += 1) if (values[i] > most) most = values[i];
    if (step < 1 && last < Math.floor(at)) most = values[Math.min(values.length - 1, Math.max(0, Math.floor(at)))] ?? 0;
    out[x] = most;
  }
  return out;
}
