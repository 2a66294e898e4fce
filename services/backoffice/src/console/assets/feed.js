// The live feed. Without this the page is read again every few seconds.
const feed = document.getElementById('feed');
const button = document.getElementById('feed-pause');
const state = feed.querySelector('output');
const note = feed.querySelector('.note');
const body = feed.querySelector('tbody');
const texts = feed.dataset;

const MOST_ROWS = 200;
/** Unattended, it stops: an open page must not keep a session alive. */
const IDLE_MS = 30 * 60_000;

let source = null;
let after = texts.after;
let paused = false;
let skipped = 0;
let idle = 0;

// The frame's own way to read this page again is not needed.
delete document.getElementById('main').dataset.refresh;
button.hidden = false;
state.hidden = false;

function tell(name, tone) {
  state.textContent = texts[name];
  state.className = `badge ${tone}`;
}

function open() {
  close();
  const address = new URL(texts.source, location);
  if (after) address.searchParams.set('after', after);
  source = new EventSource(address);
  source.onopen = () => tell('live', 'good');
  source.onerror = () => {
    tell('lost', 'warn');
    // Not let in any more, or refused: the page itself says why.
    if (source.readyState === EventSource.CLOSED) location.reload();
  };
  source.addEventListener('outcome', (event) => {
    after = event.lastEventId;
    const template = document.createElement('template');
    template.innerHTML = event.data;
    body.prepend(template.content);
    while (body.rows.length > MOST_ROWS) body.rows[MOST_ROWS].remove();
  });
  source.addEventListener('skipped', (event) => {
    skipped += Number(event.data);
    const text = new Intl.NumberFormat(document.documentElement.lang).format(skipped);
    note.textContent = texts.skipped.replace('{}', text);
  });
  source.addEventListener('gap', () => {
    note.textContent = texts.gap;
  });
  source.addEventListener('slow', () => tell('slow', 'warn'));
}

function close() {
  source?.close();
  source = null;
}

function pause(on) {
  paused = on;
  button.textContent = on ? texts.resume : texts.pause;
  button.setAttribute('aria-pressed', String(on));
  if (on) {
    close();
    tell('paused', 'warn');
  } else open();
}

function attend() {
  clearTimeout(idle);
  idle = setTimeout(() => pause(true), IDLE_MS);
}

button.addEventListener('click', () => pause(!paused));
for (const kind of ['pointermove', 'keydown', 'scroll']) addEventListener(kind, attend, { passive: true });
// A page that nobody sees takes nothing; what came meanwhile comes when it is seen again.
document.addEventListener('visibilitychange', () => {
  if (!paused) document.hidden ? close() : open();
});
addEventListener('pagehide', close);
attend();
open();
