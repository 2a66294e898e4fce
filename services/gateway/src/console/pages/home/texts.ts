import { defineTexts } from '../../texts.ts';

export const texts = defineTexts({
  en: { title: 'Today', none: 'Nothing has been sold today.' },
  fa: { title: 'امروز', none: 'امروز چیزی فروخته نشده است.' },
});
