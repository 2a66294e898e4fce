import { assetUrl } from '../assets.ts';
import type { Page, Theme, Visit } from '../http/page.ts';
import type { Shown } from '../http/reply.ts';
import { notices } from '../notices.ts';
import { hidden } from './form.ts';
import { type Content, type Html, html, raw } from './html.ts';
import { texts } from './texts.ts';

const DOCTYPE = raw('<!doctype html>');

interface Frame {
  readonly visit: Visit;
  readonly page: Page | null;
  readonly pages: readonly Page[];
}

/** A whole document around a page's body. */
export function layout(shown: Shown, { visit, page, pages }: Frame): Html {
  const t = texts[visit.locale];
  const notice = visit.notice && notices[visit.locale][visit.notice];
  return html`${DOCTYPE}
<html lang="${visit.locale}" dir="${visit.locale === 'fa' ? 'rtl' : 'ltr'}" data-theme="${visit.theme}">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <meta name="color-scheme" content="${visit.theme === 'auto' ? 'light dark' : visit.theme}">
  <title>${shown.title} · ${t.product}</title>
  <link rel="icon" href="${assetUrl('icon.svg')}" type="image/svg+xml">
  <link rel="stylesheet" href="${assetUrl('style.css')}">
  <script src="${assetUrl('app.js')}" defer></script>
  ${shown.refreshS === null ? null : html`<noscript><meta http-equiv="refresh" content="${shown.refreshS}"></noscript>`}
</head>
<body class="${visit.operator ? 'inside' : 'outside'}">
  <a class="skip" href="#main">${t.skip}</a>
  <header class="bar">
    <a class="brand" href="/admin/"><span class="mark" aria-hidden="true"></span>${t.product}</a>
    ${preferences(visit)}
    ${visit.operator ? person(visit) : null}
  </header>
  ${visit.operator ? menu(visit, pages, shown.under ?? page?.id ?? '') : null}
  <main id="main" tabindex="-1"${shown.refreshS === null ? null : html` data-refresh="${shown.refreshS}"`}>
    ${notice ? html`<p class="notice" role="status">${notice}</p>` : null}
    <div class="head"><h1>${shown.title}</h1>${shown.tools ? html`<div class="tools">${shown.tools}</div>` : null}</div>
    ${shown.body}
  </main>
</body>
</html>`;
}

function menu({ locale, operator }: Visit, pages: readonly Page[], current: string): Html {
  const items = pages
    .filter(({ menu, access }) => menu && (access === 'public' || access.includes(operator!.role)))
    .toSorted((a, b) => a.menu!.order - b.menu!.order)
    .map(
      ({ id, path, menu }) =>
        html`<li><a href="${path}"${id === current ? raw(' aria-current="page"') : null}>${menu!.text[locale]}</a></li>`,
    );
  return html`<nav class="menu" aria-label="${texts[locale].menu}"><ul>${items}</ul></nav>`;
}

function person(visit: Visit): Html {
  const { username, role } = visit.operator!;
  const t = texts[visit.locale];
  return html`<form class="person" method="post" action="/admin/sign-out/">
    ${hidden(visit)}
    <span><strong dir="ltr">${username}</strong> <small>${t[role]}</small></span>
    <button class="quiet">${t.signOut}</button>
  </form>`;
}

const THEMES: readonly Theme[] = ['auto', 'light', 'dark'];

/** Language and colours: forms, so that they work without a script. */
function preferences(visit: Visit): Html {
  const t = texts[visit.locale];
  const other = visit.locale === 'fa' ? 'en' : 'fa';
  const form = (content: Content) => html`<form method="post" action="/admin/preferences/">
    ${hidden(visit)}<input type="hidden" name="back" value="${visit.path}">${content}</form>`;
  const themes = THEMES.map(
    (theme) =>
      html`<button class="quiet" name="theme" value="${theme}" aria-pressed="${String(theme === visit.theme)}">${t[theme]}</button>`,
  );
  return html`<details class="preferences">
    <summary>${t.settings}</summary>
    <div class="sheet">
      <h2>${t.theme}</h2>${form(html`<div class="choices">${themes}</div>`)}
      <h2>${t.language}</h2>${form(
        html`<button class="quiet" name="locale" value="${other}" lang="${other}">${t.otherLanguage}</button>`,
      )}
    </div>
  </details>`;
}
