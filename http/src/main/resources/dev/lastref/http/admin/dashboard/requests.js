// Requests as they end, while somebody wants to see them: lines of api/log, read as they come.

import * as api from './api.js';
import {bytes, count, latency, time} from './format.js';
import {Table} from './tables.js';

/** More nobody could read; the sidecar leaves the others out, and says how many they were. */
const MOST_A_SECOND = 50;
const MOST_ROWS = 100;
const DRAW_MILLIS = 250;
const AGAIN_MILLIS = 2000;

const byId = (id) => document.getElementById(id);

/** Of what was refused there may be no more than a part, or the reason. */
const asked = (each) => {
  const target = each.target ?? '';
  const host = target.startsWith('/') && each.host !== undefined ? 'http://' + each.host : '';
  return [each.method, host + target, each.refused && `(refused: ${each.refused})`].filter(Boolean).join(' ');
};

export class Requests {
  #table = new Table(byId('requests'), [
    {value: (each) => time(Date.parse(each.time))},
    {value: (each) => String(each.status) + (each.aborted ? ', cut off' : ''), number: true},
    {value: (each) => each.cache ?? ''},
    {value: (each) => latency(each.seconds), number: true},
    {value: (each) => bytes(each.bytes), number: true},
    {value: (each) => asked(each), code: true},
    {value: (each) => each.client, code: true},
  ]);
  #rows = [];
  #number = 0;
  #leftOut = 0;
  #stop = null;
  #wanted = false;
  #drawing = null;
  #onUnauthorized;

  constructor(onUnauthorized) {
    this.#onUnauthorized = onUnauthorized;
    byId('watch').addEventListener('click', () => this.#want(!this.#wanted));
    byId('requests-filter').addEventListener('submit', (event) => {
      event.preventDefault();
      this.#restart();
    });
    byId('requests-cache').addEventListener('change', () => this.#restart());
    byId('requests-status').addEventListener('change', () => this.#restart());
    document.addEventListener('visibilitychange', () => this.#follow());
  }

  /** The token is there now, or another one. */
  authorized() {
    this.#follow();
  }

  #want(wanted) {
    this.#wanted = wanted;
    byId('watch').setAttribute('aria-pressed', String(wanted));
    this.#say(wanted ? 'waiting for requests' : '');
    this.#follow();
  }

  /** Another filter: what is shown was chosen by the one before. */
  #restart() {
    this.#rows = [];
    this.#leftOut = 0;
    this.#draw();
    if (this.#wanted) {
      this.#end();
      this.#follow();
    }
  }

  #end() {
    this.#stop?.abort();
    this.#stop = null;
  }

  /** Reads while it is wanted and can be seen, and not otherwise. */
  #follow() {
    if (!this.#wanted || document.hidden) this.#end();
    else if (this.#stop === null) this.#read();
  }

  #query() {
    const query = new URLSearchParams({most: MOST_A_SECOND});
    for (const name of ['status', 'cache', 'path']) {
      const value = byId('requests-' + name).value.trim();
      if (value !== '') query.set(name, value);
    }
    return query;
  }

  async #read() {
    const stop = new AbortController();
    this.#stop = stop;
    try {
      for await (const line of api.lines('api/log?' + this.#query(), stop.signal)) this.#add(line);
      if (this.#stop === stop) this.#again('The log has ended.', stop);
    } catch (error) {
      if (this.#stop !== stop) return; // by ourselves
      if (error instanceof api.Refused) {
        this.#want(false);
        this.#say(error.message, true);
      } else if (error instanceof api.Unauthorized) {
        this.#stop = null;
        this.#onUnauthorized();
      } else {
        this.#again('No answer.', stop);
      }
    }
  }

  #again(why, stop) {
    this.#say(why + ' Trying again.', true);
    setTimeout(() => {
      if (this.#stop !== stop) return;
      this.#stop = null;
      this.#follow();
    }, AGAIN_MILLIS);
  }

  #add(line) {
    const said = JSON.parse(line);
    if (said.lost !== undefined) {
      this.#leftOut += said.lost;
    } else {
      said.number = this.#number++;
      this.#rows.unshift(said);
      if (this.#rows.length > MOST_ROWS) this.#rows.length = MOST_ROWS;
    }
    this.#drawing ??= setTimeout(() => {
      this.#drawing = null;
      this.#draw();
    }, DRAW_MILLIS);
  }

  #draw() {
    const shown = this.#rows.length;
    byId('requests').hidden = shown === 0;
    byId('no-requests').hidden = shown > 0;
    this.#table.draw(this.#rows, (each) => String(each.number));
    if (shown > 0) this.#say(`the last ${shown}` + (this.#leftOut > 0 ? `; ${count(this.#leftOut)} came too fast and are left out` : ''));
  }

  #say(text, bad = false) {
    const facts = byId('requests-facts');
    facts.textContent = text;
    facts.classList.toggle('bad', bad);
  }
}
