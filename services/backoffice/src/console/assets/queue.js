// Keys for a queue of rows with boxes: a comfort, everything is reachable without them.
const form = document.querySelector('form.queue');
const rows = [...form.querySelectorAll('tbody tr')];
const boxes = rows.map((row) => row.querySelector('input[type="checkbox"]'));
const output = form.querySelector('output');
let current = -1;

form.querySelector('.keys').hidden = false;

function count() {
  const number = boxes.filter((box) => box.checked).length;
  const text = new Intl.NumberFormat(document.documentElement.lang).format(number);
  output.textContent = number === 0 ? '' : output.dataset.text.replace('{}', text);
}

function move(step) {
  rows[current]?.classList.remove('current');
  current = Math.min(Math.max(current + step, 0), rows.length - 1);
  rows[current].classList.add('current');
  rows[current].scrollIntoView({ block: 'nearest' });
  boxes[current].focus({ preventScroll: true });
}

/** The chosen ones, or else the one that stands out. */
function decide(button) {
  if (current >= 0 && !boxes.some((box) => box.checked)) boxes[current].checked = true;
  if (boxes.some((box) => box.checked)) form.requestSubmit(button);
}

const keys = {
  j: () => move(1),
  k: () => move(-1),
  x: () => current >= 0 && boxes[current].click(),
  a: () => decide(form.querySelector('button.primary')),
  r: () => decide(form.querySelector('button[formaction]')),
  Enter: () => current >= 0 && rows[current].querySelector('th a').click(),
};

addEventListener('keydown', (event) => {
  const { target, key } = event;
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  const typing = target.closest('input:not([type="checkbox"]), textarea, select');
  if (typing || !Object.hasOwn(keys, key)) return;
  // Enter belongs to the link or button that has the focus.
  if (key === 'Enter' && !boxes.includes(target)) return;
  event.preventDefault();
  keys[key]();
});
form.addEventListener('change', count);
for (const [index, box] of boxes.entries()) {
  box.addEventListener('focus', () => {
    rows[current]?.classList.remove('current');
    current = index;
    rows[current].classList.add('current');
  });
}
// The browser may have kept boxes ticked on the way back.
count();
