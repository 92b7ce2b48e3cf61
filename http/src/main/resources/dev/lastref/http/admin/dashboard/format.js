// Numbers as people read them.

const NONE = '–';
const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];

function significant(number) {
  if (number === 0) return '0';
  const size = Math.abs(number);
  return number.toFixed(size >= 99.95 ? 0 : size >= 9.995 ? 1 : 2).replace(/\.0+$/, '');
}

/** 1536 as "1.50 KiB". */
export function bytes(count) {
  if (count == null || Number.isNaN(count)) return NONE;
  let unit = 0;
  let rest = count;
  while (Math.abs(rest) >= 1024 && unit < UNITS.length - 1) {
    rest /= 1024;
    unit++;
  }
  return (unit === 0 ? String(Math.round(rest)) : significant(rest)) + '\u00a0' + UNITS[unit];
}

/** 12345 as "12.3 k". */
export function count(number) {
  if (number == null || Number.isNaN(number)) return NONE;
  if (Math.abs(number) < 9999.5) return number === Math.round(number) ? String(number) : significant(number);
  if (Math.abs(number) < 999.5e3) return significant(number / 1e3) + '\u00a0k';
  if (Math.abs(number) < 999.5e6) return significant(number / 1e6) + '\u00a0M';
  return significant(number / 1e9) + '\u00a0G';
}

/** 0.971 as "97.1 %". Never rounded up to all, nor down to nothing. */
export function share(part) {
  if (part == null || Number.isNaN(part)) return NONE;
  const percent = part * 100;
  if (percent > 0 && percent < 0.1) return '<\u20090.1\u00a0%';
  if (percent < 100 && percent > 99.9) return '>\u200999.9\u00a0%';
  return (percent === 0 || percent === 100 ? String(percent) : percent.toFixed(1)) + '\u00a0%';
}

/** A latency: seconds as "0.42 ms". */
export function latency(seconds) {
  if (seconds == null || Number.isNaN(seconds)) return NONE;
  return seconds < 0.9995 ? significant(seconds * 1000) + '\u00a0ms' : significant(seconds) + '\u00a0s';
}

/** A span: seconds as "3 h 12 min". */
export function span(seconds) {
  if (seconds == null || Number.isNaN(seconds)) return NONE;
  const whole = Math.floor(Math.abs(seconds));
  const sign = seconds < 0 ? '−' : '';
  if (whole < 60) return sign + whole + '\u00a0s';
  if (whole < 3600) return sign + Math.floor(whole / 60) + '\u00a0min\u00a0' + (whole % 60) + '\u00a0s';
  if (whole < 86400) return sign + Math.floor(whole / 3600) + '\u00a0h\u00a0' + Math.floor(whole / 60) % 60 + '\u00a0min';
  return sign + Math.floor(whole / 86400) + '\u00a0d\u00a0' + Math.floor(whole / 3600) % 24 + '\u00a0h';
}

/** A span in one unit: 256 as "4 min". */
export function about(seconds) {
  if (seconds < 60) return seconds + '\u00a0s';
  if (seconds < 3600) return Math.floor(seconds / 60) + '\u00a0min';
  return Math.floor(seconds / 3600) + '\u00a0h';
}

/** The time of day. */
export function time(millis) {
  return new Date(millis).toLocaleTimeString([], {hour12: false});
}
