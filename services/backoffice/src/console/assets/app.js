// Comforts only: every page works without this.

// A button that copies the text of the element it names.
for (const button of document.querySelectorAll('button[data-copy]')) {
  button.hidden = false;
  button.addEventListener('click', async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent.trim());
    button.textContent = button.dataset.copied;
  });
}

// One press, one request: a second one while the first is under way would only repeat it.
for (const form of document.querySelectorAll('form[method="post"]')) {
  let sent = false;
  form.addEventListener('submit', (event) => {
    if (sent) event.preventDefault();
    sent = true;
  });
}
// A page that comes back from the browser's memory may send again.
addEventListener('pageshow', (event) => event.persisted && location.reload());

// Escape closes the sheet of preferences.
addEventListener('keydown', (event) => {
  const sheet = document.querySelector('details.preferences[open]');
  if (event.key !== 'Escape' || !sheet) return;
  sheet.open = false;
  sheet.querySelector('summary').focus();
});

// A page about something that goes on is read again, in place: what has the focus keeps it.
async function readAgain(main) {
  if (!main.dataset.refresh) return;
  const answer = await fetch(location.href).catch(() => null);
  // Signed out meanwhile, or away: leave what is there.
  if (!answer?.ok || answer.redirected) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html').getElementById('main');
  if (!fresh) return;
  document.title = document.title.replace(/.*(?= · )/, fresh.querySelector('h1').textContent);
  main.replaceChildren(...fresh.childNodes);
  if (fresh.dataset.refresh) refreshLater(main);
}
function refreshLater(main) {
  setTimeout(() => readAgain(main), Number(main.dataset.refresh) * 1000);
}
const main = document.getElementById('main');
if (main.dataset.refresh) refreshLater(main);
