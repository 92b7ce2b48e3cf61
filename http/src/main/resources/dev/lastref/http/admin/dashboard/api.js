// Speaks to the API of this port. The token, if one is asked for, is kept in this module's memory and nowhere else.

const PATIENCE_MILLIS = 5000;

let token = null;

/** The port asks for a token, or for another one. */
export class Unauthorized extends Error {}

/** An answer that is none of the ones hoped for. */
export class Refused extends Error {}

export function useToken(given) {
  token = given;
}

export function hasToken() {
  return token !== null;
}

async function answer(path, options) {
  const headers = {Accept: 'application/json', ...options.headers};
  if (token !== null) headers.Authorization = 'Bearer ' + token;
  const response = await fetch(path, {
    ...options,
    headers,
    cache: 'no-store',
    credentials: 'omit',
    redirect: 'error',
  });
  if (response.status === 401) throw new Unauthorized('a token is asked for');
  if (!response.ok) throw new Refused((await response.text()).trim() || 'status ' + response.status);
  return response;
}

async function ask(path, options) {
  return (await answer(path, {...options, signal: AbortSignal.timeout(PATIENCE_MILLIS)})).json();
}

/** The lines of an answer without an end, as they come. */
export async function* lines(path, signal) {
  const response = await answer(path, {method: 'GET', headers: {Accept: 'application/x-ndjson'}, signal});
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    const complete = (rest + read.value).split('\n');
    rest = complete.pop();
    yield* complete.filter((line) => line !== '');
  }
}

export function get(path) {
  return ask(path, {method: 'GET'});
}

export function post(path, body) {
  return ask(path, {method: 'POST', headers: {'Content-Type': 'application/json'}, body: JSON.stringify(body)});
}
