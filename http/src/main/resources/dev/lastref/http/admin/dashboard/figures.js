// From what /api/stats says now and said before: rates, ratios and quantiles.

const QUANTILE_SECONDS = 10;
/** How far back is shown: the first of these that has room for what was seen. */
export const WINDOWS_SECONDS = [60, 120, 300];

export const OUTCOMES = ['hit', 'revalidated', 'stale', 'coalesced', 'miss', 'bypass', 'pass'];
/** Answered with what is stored. */
const FROM_STORE = ['hit', 'revalidated', 'stale'];

const SERIES = /^([^{]+)(?:\{(.*)\})?$/;
const LABEL = /([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g;

/** Sums of a metric by one of its labels, whatever others it has. */
function byLabel(series, name, label) {
  const sums = new Map();
  for (const [key, value] of Object.entries(series)) {
    if (!key.startsWith(name)) continue;
    const [, found, labels = ''] = SERIES.exec(key) ?? [];
    if (found !== name) continue;
    for (const [, each, text] of labels.matchAll(LABEL)) {
      if (each === label) sums.set(text, (sums.get(text) ?? 0) + value);
    }
  }
  return sums;
}

/** The sum of a metric, whatever labels it has. */
function sum(series, name) {
  let total = 0;
  for (const [key, value] of Object.entries(series)) {
    if (key === name || key.startsWith(name + '{')) total += value;
  }
  return total;
}

function difference(now, before) {
  return new Map([...now].map(([key, value]) => [key, value - (before.get(key) ?? 0)]));
}

/** From a histogram's cumulative buckets; null if nothing was observed. Within a bucket it is as if they were spread evenly. */
export function quantile(buckets, part) {
  const bounds = [...buckets].map(([le, value]) => [le === '+Inf' ? Infinity : Number(le), value]).sort((a, b) => a[0] - b[0]);
  const total = bounds.length === 0 ? 0 : bounds[bounds.length - 1][1];
  if (total <= 0) return null;
  let lower = 0;
  let below = 0;
  for (const [upper, value] of bounds) {
    if (value >= part * total) {
      if (upper === Infinity) return lower;
      return lower + (upper - lower) * (value === below ? 1 : (part * total - below) / (value - below));
    }
    lower = upper;
    below = value;
  }
  return lower;
}

function ratio(outcomes) {
  let all = 0;
  let stored = 0;
  for (const [outcome, value] of outcomes) {
    all += value;
    if (FROM_STORE.includes(outcome)) stored += value;
  }
  return all > 0 ? stored / all : null;
}

/** What matters of one report. */
function reading(stats) {
  const s = stats.series;
  return {
    millis: stats.now,
    outcomes: byLabel(s, 'lastref_requests_total', 'outcome'),
    seconds: byLabel(s, 'lastref_request_duration_seconds_bucket', 'le'),
    origin: byLabel(s, 'lastref_origin_requests_total', 'status'),
    originSeconds: byLabel(s, 'lastref_origin_request_duration_seconds_bucket', 'le'),
    sent: byLabel(s, 'lastref_transmit_bytes_total', 'path'),
    inFlight: sum(s, 'lastref_transmissions_in_flight'),
    pinned: sum(s, 'lastref_transmissions_pinned_bytes'),
    resets: sum(s, 'lastref_laggard_resets_total'),
    memory: s.process_resident_memory_bytes ?? null,
  };
}

function total(map) {
  let all = 0;
  for (const value of map.values()) all += value;
  return all;
}

/** The readings of the last minutes, and a sample for each from the second on. Begins again when the process has. */
export class History {
  #readings = [];
  #started = null;
  samples = [];

  /** Takes a report; returns the sample, or null for the first report of a process. */
  add(stats) {
    if (stats.started !== this.#started) {
      this.#started = stats.started;
      this.#readings = [];
      this.samples = [];
    }
    const now = reading(stats);
    const before = this.#readings.at(-1);
    if (before !== undefined && now.millis <= before.millis) return null;
    this.#readings.push(now);
    const oldest = now.millis - WINDOWS_SECONDS.at(-1) * 1000;
    while (this.#readings[0].millis < oldest) this.#readings.shift();
    while (this.samples.length > 0 && this.samples[0].millis < oldest) this.samples.shift();
    if (before === undefined) return null;
    const sample = this.#sample(now, before);
    this.samples.push(sample);
    return sample;
  }

  #sample(now, before) {
    const seconds = (now.millis - before.millis) / 1000;
    const perSecond = (map, earlier) => new Map([...difference(map, earlier)].map(([key, value]) => [key, value / seconds]));
    const from = this.#readings.find((each) => each.millis >= now.millis - QUANTILE_SECONDS * 1000) ?? before;
    const base = from === now ? before : from;
    const recent = difference(now.outcomes, base.outcomes);
    const latencies = difference(now.seconds, base.seconds);
    const originLatencies = difference(now.originSeconds, base.originSeconds);
    const outcomes = perSecond(now.outcomes, before.outcomes);
    const origin = perSecond(now.origin, before.origin);
    const sent = perSecond(now.sent, before.sent);
    return {
      millis: now.millis,
      outcomes,
      requests: total(outcomes),
      ratio: ratio(recent),
      ratioEver: ratio(now.outcomes),
      requestsEver: total(now.outcomes),
      sent: total(sent),
      sentEver: total(now.sent),
      p50: quantile(latencies, 0.5),
      p99: quantile(latencies, 0.99),
      origin: total(origin),
      originFailed: (origin.get('error') ?? 0) + (origin.get('5xx') ?? 0),
      originEver: total(now.origin),
      originP50: quantile(originLatencies, 0.5),
      originP99: quantile(originLatencies, 0.99),
      inFlight: now.inFlight,
      pinned: now.pinned,
      resets: now.resets,
      memory: now.memory,
    };
  }
}
