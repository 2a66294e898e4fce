import { definePage } from '../../http/page.ts';
import { show } from '../../http/reply.ts';
import { empty } from '../../parts/values.ts';
import { texts } from './texts.ts';

export const home = definePage({
  id: 'home',
  path: '/admin/',
  access: ['admin', 'approver', 'auditor'],
  menu: { order: 10, text: { en: texts.en.title, fa: texts.fa.title } },
  handle: (request) => show(texts[request.locale].title, empty(texts[request.locale].none)),
});
