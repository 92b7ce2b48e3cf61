// The purge box. What it did is said beside it; everything is asked about first.

import {post, Unauthorized} from './api.js';
import {time} from './format.js';

const HINTS = {
  url: ['URL', 'All variants of it. http://www.example.com/news, or /news on every host.'],
  prefix: ['URLs begin with', 'http://www.example.com/img/, or /img/ on every host.'],
  tag: ['Tag', 'As in Surrogate-Key, xkey, Cache-Tag or Cache-Groups.'],
  host: ['Host', 'www.example.com, with or without its port.'],
  all: ['', 'Every stored response.'],
};

const by = document.getElementById('purge-by');
const what = document.getElementById('purge-what');
const soft = document.getElementById('purge-soft');
const go = document.getElementById('purge-go');
const result = document.getElementById('purge-result');

function show() {
  const [label, hint] = HINTS[by.value];
  document.getElementById('purge-what-label').textContent = label;
  document.getElementById('purge-hint').textContent = hint;
  document.getElementById('purge-what-field').hidden = by.value === 'all';
}

function say(text, bad) {
  result.textContent = text;
  result.classList.toggle('bad', bad);
}

function confirmed() {
  const dialog = document.getElementById('confirm');
  dialog.returnValue = 'no';
  dialog.showModal();
  return new Promise((resolve) => dialog.addEventListener('close', () => resolve(dialog.returnValue === 'yes'), {once: true}));
}

function described(kind, value) {
  return kind === 'all' ? 'everything' : kind === 'prefix' ? 'what begins with ' + value : kind + ' ' + value;
}

async function purge(onUnauthorized, onPurged) {
  const kind = by.value;
  const value = what.value.trim();
  if (kind !== 'all' && value === '') {
    say('Say what to purge.', true);
    what.focus();
    return;
  }
  if (kind === 'all' && !soft.checked && !(await confirmed())) return;
  go.disabled = true;
  try {
    const purged = await post('api/purge', {[kind]: kind === 'all' ? true : value, soft: soft.checked});
    const responses = purged.purged + (purged.purged === 1 ? ' response' : ' responses');
    say(`${time(Date.now())}: ${responses} ${purged.soft ? 'made stale' : 'purged'}, by ${described(kind, value)}.`, false);
    onPurged();
  } catch (error) {
    if (error instanceof Unauthorized) {
      say('Not purged: the token is needed.', true);
      onUnauthorized();
    } else {
      say('Not purged. ' + error.message, true);
    }
  } finally {
    go.disabled = false;
  }
}

/** Fills the box, and goes there. */
export function propose(url) {
  by.value = 'url';
  what.value = url;
  show();
  say('', false);
  what.focus();
  document.getElementById('purge-title').scrollIntoView({block: 'nearest'});
}

export function setUp(onUnauthorized, onPurged) {
  show();
  by.addEventListener('change', show);
  document.getElementById('purge').addEventListener('submit', (event) => {
    event.preventDefault();
    purge(onUnauthorized, onPurged);
  });
}
