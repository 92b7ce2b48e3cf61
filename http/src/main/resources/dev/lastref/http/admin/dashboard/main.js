// Asks the API about once a second while somebody looks, and draws the answers. Nothing is asked while the page is hidden or paused.

import * as api from './api.js';
import {Chart, Sparkline} from './chart.js';
import {History, OUTCOMES, WINDOWS_SECONDS} from './figures.js';
import {bytes, count, latency, share, span, time} from './format.js';
import {PoolMap} from './pool-map.js';
import * as purge from './purge.js';
import {Requests} from './requests.js';
import {Entries, Holders, Origins} from './tables.js';
import * as theme from './theme.js';

const PERIOD_MILLIS = 1000;
const ENTRIES_PERIOD_MILLIS = 5000;
const MOST_HOLDERS = 50;
const MOST_ENTRIES = 100;

const byId = (id) => document.getElementById(id);
const history = new History();
const map = new PoolMap();
const holders = new Holders(map);
const entries = new Entries(purge.propose);
const origins = new Origins();
const requests = new Requests(logIn);

const TILES = [
  {name: 'Hit ratio', value: (s) => share(s.ratio), note: (s) => share(s.ratioEver) + ' since the start', spark: (s) => s.ratio, ceiling: 1},
  {name: 'Requests', value: (s) => count(s.requests) + '/s', note: (s) => count(s.requestsEver) + ' since the start', spark: (s) => s.requests},
  {name: 'Sent from the pool', value: (s) => bytes(s.sent) + '/s', note: (s) => bytes(s.sentEver) + ' since the start', spark: (s) => s.sent},
  {name: 'Latency, p99', value: (s) => latency(s.p99), note: (s) => latency(s.p50) + ' median', spark: (s) => s.p99},
  {name: 'Origin', value: (s) => count(s.origin) + '/s', note: (s) => count(s.originFailed) + '/s fail, p99 ' + latency(s.originP99), spark: (s) => s.origin},
  {name: 'Held by clients', value: (s) => bytes(s.pinned), note: (s) => count(s.inFlight) + ' sending, ' + count(s.resets) + ' reset', spark: (s) => s.pinned},
].map((tile) => {
  const box = document.createElement('div');
  box.className = 'tile';
  const name = document.createElement('h2');
  name.textContent = tile.name;
  const value = document.createElement('p');
  value.className = 'value';
  value.textContent = '–';
  const note = document.createElement('p');
  note.className = 'muted small';
  note.textContent = '\u00a0';
  box.append(name, value, note);
  byId('figures').append(box);
  return {...tile, valueText: value, noteText: note, line: new Sparkline(box)};
});

const perSecond = (value) => count(value) + '/s';
const CHARTS = [
  new Chart(byId('charts'), {
    title: 'Requests', stacked: true, format: perSecond,
    series: OUTCOMES.map((outcome) => ({name: outcome, colour: outcome, value: (s) => s.outcomes.get(outcome) ?? 0})),
  }),
  new Chart(byId('charts'), {
    title: 'Latency', logarithmic: true, format: latency,
    series: [{name: 'median', colour: 'median', value: (s) => s.p50}, {name: 'p99', colour: 'p99', value: (s) => s.p99}],
  }),
  new Chart(byId('charts'), {
    title: 'Origin, requests', format: perSecond,
    series: [{name: 'asked', colour: 'median', value: (s) => s.origin}, {name: 'failed', colour: 'failed', value: (s) => s.originFailed}],
  }),
  new Chart(byId('charts'), {
    title: 'Origin, time to its response', logarithmic: true, format: latency,
    series: [{name: 'median', colour: 'median', value: (s) => s.originP50}, {name: 'p99', colour: 'p99', value: (s) => s.originP99}],
  }),
];

function notice(text) {
  byId('notice').textContent = text;
  byId('notice').hidden = text === '';
}

function state(name, text) {
  const element = byId('state');
  element.dataset.state = name;
  if (element.textContent !== text) element.textContent = text;
}

// ---- what is asked every second

let lastAnswer = null;

function draw(stats, pool, transmissions, originsNow) {
  lastAnswer = Date.now();
  const sample = history.add(stats);
  state(stats.ready ? 'ready' : 'unready', stats.readiness);
  byId('facts').textContent = (stats.version === null ? '' : stats.version + ', ') + 'up ' + span((stats.now - stats.started) / 1000)
    + (sample?.memory == null ? '' : ', ' + bytes(sample.memory) + ' resident');
  if (sample !== null) {
    const seen = (sample.millis - history.samples[0].millis) / 1000;
    const seconds = WINDOWS_SECONDS.find((each) => each >= seen) ?? WINDOWS_SECONDS.at(-1);
    for (const tile of TILES) {
      tile.valueText.textContent = tile.value(sample);
      tile.noteText.textContent = tile.note(sample);
      tile.line.draw(history.samples, tile.spark, seconds, tile.ceiling);
    }
    for (const chart of CHARTS) chart.draw(history.samples, seconds);
    byId('charts-title').textContent = 'The last ' + (seconds > 60 ? seconds / 60 + ' minutes' : 'minute');
  }
  map.hold(transmissions.transmissions);
  map.draw(pool);
  holders.draw(transmissions);
  origins.draw(originsNow);
}

async function tick() {
  const [stats, pool, transmissions, originsNow] = await Promise.all([
    api.get('api/stats'), api.get('api/pool'), api.get('api/transmissions?limit=' + MOST_HOLDERS), api.get('api/origins'),
  ]);
  draw(stats, pool, transmissions, originsNow);
  notice('');
}

// ---- what is asked more seldom

let entriesAsked = 0;
let entriesSeen = true;

async function loadEntries() {
  entriesAsked = Date.now();
  try {
    entries.draw(await api.get(`api/entries?limit=${MOST_ENTRIES}&prefix=` + encodeURIComponent(byId('prefix').value.trim())));
    byId('entries-facts').classList.remove('bad');
  } catch (error) {
    if (error instanceof api.Unauthorized) throw error;
    byId('entries-facts').textContent = error.message;
    byId('entries-facts').classList.add('bad');
  }
}

// ---- the loop

let paused = false;
let timer = null;
let running = false;

async function run() {
  timer = null;
  if (running || paused || document.hidden || byId('login').open) return;
  running = true;
  const began = Date.now();
  try {
    await tick();
    if (entriesSeen && began - entriesAsked >= ENTRIES_PERIOD_MILLIS) await loadEntries();
  } catch (error) {
    if (error instanceof api.Unauthorized) {
      logIn();
    } else {
      state('gone', 'no answer');
      notice('The sidecar does not answer' + (lastAnswer === null ? '' : ' since ' + time(lastAnswer)) + '. What is shown is from then; it is asked again every second.');
    }
  } finally {
    running = false;
    plan(Math.max(PERIOD_MILLIS / 2, PERIOD_MILLIS - (Date.now() - began)));
  }
}

function plan(millis) {
  if (timer !== null) clearTimeout(timer);
  timer = setTimeout(run, millis);
}

function logIn() {
  const dialog = byId('login');
  if (dialog.open) return;
  state('locked', 'locked');
  byId('login-result').textContent = api.hasToken() ? 'It was not that one.' : '';
  byId('token').value = '';
  dialog.showModal();
}

byId('login').addEventListener('cancel', (event) => event.preventDefault());
byId('login').addEventListener('close', () => {
  const given = byId('token').value.trim();
  if (given !== '') api.useToken(given); // closed by a key that a page cannot refuse: it is asked for again
  byId('token').value = '';
  plan(0);
  requests.authorized();
});
byId('pause').addEventListener('click', () => {
  paused = !paused;
  byId('pause').setAttribute('aria-pressed', String(paused));
  if (paused) state('paused', 'paused');
  else plan(0);
});
byId('search').addEventListener('submit', (event) => {
  event.preventDefault();
  loadEntries().catch(logIn);
});
document.addEventListener('visibilitychange', () => {
  if (!document.hidden) plan(0);
});
new IntersectionObserver((seen) => { entriesSeen = seen.at(-1).isIntersecting; }, {rootMargin: '200px'}).observe(byId('entries').closest('section'));

theme.setUp(byId('theme'));
purge.setUp(logIn, () => loadEntries().catch(logIn));
run();
