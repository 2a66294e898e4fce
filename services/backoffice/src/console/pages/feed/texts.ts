import { defineTexts } from '../../texts.ts';

export const texts = defineTexts({
  en: {
    title: 'Live',
    caption: 'Outcomes as they come, the newest first',
    none: 'Nothing has come yet.',
    vendorNumber: "Vendor's number",
    pause: 'Pause',
    resume: 'Go on',
    live: 'live',
    paused: 'paused',
    lost: 'connection lost, trying again',
    slow: 'this browser could not keep up, trying again',
    gap: 'Some outcomes are not shown here; they are among the transactions.',
    skipped: '{} more came in a moment and are not shown.',
  },
  fa: {
    title: 'زنده',
    caption: 'نتیجه‌ها همان‌گونه که می‌رسند، تازه‌ترین در آغاز',
    none: 'هنوز چیزی نرسیده است.',
    vendorNumber: 'شمارهٔ فروشنده',
    pause: 'درنگ',
    resume: 'ادامه',
    live: 'زنده',
    paused: 'در درنگ',
    lost: 'ارتباط قطع شد، دوباره تلاش می‌شود',
    slow: 'این مرورگر نرسید، دوباره تلاش می‌شود',
    gap: 'برخی نتیجه‌ها اینجا نیامده‌اند؛ در فهرست تراکنش‌ها هستند.',
    skipped: '{} نتیجهٔ دیگر در یک لحظه رسید و نشان داده نشد.',
  },
});
