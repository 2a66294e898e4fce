import { defineTexts } from '../../texts.ts';

export const texts = defineTexts({
  en: {
    title: 'Sign in',
    username: 'Name',
    password: 'Password',
    submit: 'Sign in',
    wrong: 'The name or the password is not right.',
    wait: (minutes: string) => `Too many attempts. Try again in ${minutes}.`,
    minutes: (count: string) => `${count} min`,
    seconds: (count: string) => `${count} s`,
  },
  fa: {
    title: 'ورود',
    username: 'نام کاربری',
    password: 'گذرواژه',
    submit: 'ورود',
    wrong: 'نام کاربری یا گذرواژه درست نیست.',
    wait: (minutes: string) => `تلاش‌ها بیش از حد بوده است. ${minutes} دیگر دوباره تلاش کنید.`,
    minutes: (count: string) => `${count} دقیقه`,
    seconds: (count: string) => `${count} ثانیه`,
  },
});
