// Whether a name is written in one script, so that no letter of it is borrowed from another to look like a name that
// it is not. Unicode Technical Standard 39, "highly restrictive", over the scripts that people write today.

/** Recommended and limited-use scripts (Unicode Standard Annex 31, tables 5 and 7); those of the past are left out. */
const SCRIPTS = [
  ...['Arabic', 'Armenian', 'Bengali', 'Cyrillic', 'Devanagari', 'Ethiopic', 'Georgian', 'Greek', 'Gujarati'],
  ...['Gurmukhi', 'Hebrew', 'Kannada', 'Khmer', 'Lao', 'Latin', 'Malayalam', 'Myanmar', 'Oriya', 'Sinhala', 'Tamil'],
  ...['Telugu', 'Thaana', 'Thai', 'Tibetan', 'Adlam', 'Balinese', 'Bamum', 'Batak', 'Canadian_Aboriginal', 'Chakma'],
  ...['Cham', 'Cherokee', 'Hanifi_Rohingya', 'Javanese', 'Kayah_Li', 'Lepcha', 'Limbu', 'Lisu', 'Mandaic'],
  ...['Meetei_Mayek', 'Miao', 'Mongolian', 'New_Tai_Lue', 'Newa', 'Nko', 'Nyiakeng_Puachue_Hmong', 'Ol_Chiki', 'Osage'],
  ...['Saurashtra', 'Sundanese', 'Syloti_Nagri', 'Syriac', 'Tai_Le', 'Tai_Tham', 'Tai_Viet', 'Tifinagh', 'Vai'],
  ...['Wancho', 'Yi', 'Tagalog', 'Hanunoo', 'Buhid', 'Tagbanwa']
];
/** What is written together as a matter of course: Japanese, Chinese with its phonetic letters, Korean; each with Latin. */
const TOGETHER = [
  ['Latin', 'Han', 'Hiragana', 'Katakana'],
  ['Latin', 'Han', 'Bopomofo'],
  ['Latin', 'Han', 'Hangul']
];

/** Digits, signs and emoji are common to all scripts. */
const only = (scripts: readonly string[]): RegExp => {
  const classes = [...scripts, 'Common', 'Inherited'].map((script) => `\\p{scx=${script}}`);
  return new RegExp(`^[${classes.join('')}]*$`, 'u');
};
const ALLOWED = [...SCRIPTS.map((script) => [script]), ...TOGETHER].map(only);

/** @param name in NFKC */
export const isOfOneScript = (name: string): boolean => ALLOWED.some((pattern) => pattern.test(name));
