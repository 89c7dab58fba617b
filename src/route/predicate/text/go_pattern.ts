/**
 * What Go reads otherwise in the text of a regular expression than re2js does: names of groups, which may
 * come twice, and names of character classes.
 *
 * Tried with Go 1.24.9, 1.25.3 and 1.26.8 (`tests/fixtures/regexp-go.json`). Go 1.25 began to take aliases
 * and any spelling of a class; since then it looks for a name without its underscores, so it no longer
 * finds the scripts whose names have several words.
 *
 * @module
 */

/** A pattern as re2js has to read it. */
export interface GoPattern {
  readonly source: string;
  /** Names of the groups as they are numbered from 1; absent for a group without a name. */
  readonly groupNames: readonly (string | undefined)[];
  /** What only some versions of Go take, each a phrase. */
  readonly doubts: readonly string[];
}

/** Character classes that every version knows by these names. */
const CATEGORIES = new Set(
  "C Cc Cf Co Cs L Ll Lm Lo Lt Lu M Mc Me Mn N Nd Nl No P Pc Pd Pe Pf Pi Po Ps S Sc Sk Sm So Z Zl Zp Zs"
    .split(" "),
);

/** Scripts of Unicode 15, which Go has had since 1.21. */
const SCRIPTS =
  ("Adlam Ahom Anatolian_Hieroglyphs Arabic Armenian Avestan Balinese Bamum Bassa_Vah Batak Bengali " +
    "Bhaiksuki Bopomofo Brahmi Braille Buginese Buhid Canadian_Aboriginal Carian Caucasian_Albanian " +
    "Chakma Cham Cherokee Chorasmian Common Coptic Cuneiform Cypriot Cypro_Minoan Cyrillic Deseret " +
    "Devanagari Dives_Akuru Dogra Duployan Egyptian_Hieroglyphs Elbasan Elymaic Ethiopic Georgian " +
    "Glagolitic Gothic Grantha Greek Gujarati Gunjala_Gondi Gurmukhi Han Hangul Hanifi_Rohingya Hanunoo " +
    "Hatran Hebrew Hiragana Imperial_Aramaic Inherited Inscriptional_Pahlavi Inscriptional_Parthian " +
    "Javanese Kaithi Kannada Katakana Kawi Kayah_Li Kharoshthi Khitan_Small_Script Khmer Khojki Khudawadi " +
    "Lao Latin Lepcha Limbu Linear_A Linear_B Lisu Lycian Lydian Mahajani Makasar Malayalam Mandaic " +
    "Manichaean Marchen Masaram_Gondi Medefaidrin Meetei_Mayek Mende_Kikakui Meroitic_Cursive " +
    "Meroitic_Hieroglyphs Miao Modi Mongolian Mro Multani Myanmar Nabataean Nag_Mundari Nandinagari " +
    "New_Tai_Lue Newa Nko Nushu Nyiakeng_Puachue_Hmong Ogham Ol_Chiki Old_Hungarian Old_Italic " +
    "Old_North_Arabian Old_Permic Old_Persian Old_Sogdian Old_South_Arabian Old_Turkic Old_Uyghur Oriya " +
    "Osage Osmanya Pahawh_Hmong Palmyrene Pau_Cin_Hau Phags_Pa Phoenician Psalter_Pahlavi Rejang Runic " +
    "Samaritan Saurashtra Sharada Shavian Siddham SignWriting Sinhala Sogdian Sora_Sompeng Soyombo " +
    "Sundanese Syloti_Nagri Syriac Tagalog Tagbanwa Tai_Le Tai_Tham Tai_Viet Takri Tamil Tangsa Tangut " +
    "Telugu Thaana Thai Tibetan Tifinagh Tirhuta Toto Ugaritic Vai Vithkuqi Wancho Warang_Citi Yezidi Yi " +
    "Zanabazar_Square").split(" ");

/** Names that only Go 1.25 and newer know, in their canonical spelling, and what they stand for. */
const NEW_NAMES =
  ("Ascii=Ascii Assigned=Assigned Casedletter=LC Closepunctuation=Pe Cn=Cn Cntrl=Cc Combiningmark=M " +
    "Connectorpunctuation=Pc Control=Cc Currencysymbol=Sc Dashpunctuation=Pd Decimalnumber=Nd Digit=Nd " +
    "Enclosingmark=Me Finalpunctuation=Pf Format=Cf Initialpunctuation=Pi Lc=LC Letter=L Letternumber=Nl " +
    "Lineseparator=Zl Lowercaseletter=Ll Mark=M Mathsymbol=Sm Modifierletter=Lm Modifiersymbol=Sk " +
    "Nonspacingmark=Mn Number=N Openpunctuation=Ps Other=C Otherletter=Lo Othernumber=No " +
    "Otherpunctuation=Po Othersymbol=So Paragraphseparator=Zp Privateuse=Co Punct=P Punctuation=P " +
    "Separator=Z Spaceseparator=Zs Spacingmark=Mc Surrogate=Cs Symbol=S Titlecaseletter=Lt Unassigned=Cn " +
    "Uppercaseletter=Lu").split(" ");

const OLD = new Set(["Any", ...CATEGORIES, ...SCRIPTS]);
const NEW = new Map([
  ...["Any", ...CATEGORIES, ...SCRIPTS]
    .filter((name) => canonical(name) === name)
    .map((name) => [name, name] as const),
  ...NEW_NAMES.map((pair) => pair.split("=") as [string, string]),
]);

/**
 * What has a meaning of its own in a pattern. What is quoted or escaped is taken as a whole, and so are
 * the inner brackets of a class, so that nothing in them counts as the beginning of something.
 */
const TOKEN =
  /\\Q.*?(?:\\E|$)|\\(?<sign>[pP])(?:\{(?<braced>[^}]*)\}|(?<letter>[^{]))|\\.|(?<class>\[\^?\]?)|\((?:\?P?<(?<name>\w+)>|(?!\?)(?<plain>))/suy;
const IN_CLASS =
  /\\(?<sign>[pP])(?:\{(?<braced>[^}]*)\}|(?<letter>[^{]))|\\.|\[:.*?:\]|(?<end>\])/suy;

/**
 * Translates a pattern of Go.
 *
 * @throws If it names a class that no version of Go knows.
 */
export function translatePattern(pattern: string): GoPattern {
  const groupNames: (string | undefined)[] = [];
  const doubts = new Set<string>();
  let source = "";
  let isInClass = false;
  for (let at = 0; at < pattern.length;) {
    const token = isInClass ? IN_CLASS : TOKEN;
    token.lastIndex = at;
    const found = token.exec(pattern);
    const text = found?.[0] || pattern.slice(at, at + 1);
    at += text.length;
    const { sign, braced, letter, class: open, name, plain, end } =
      found?.groups ?? {};
    if (sign !== undefined) {
      source += translateClass(text, sign, braced ?? letter ?? "", doubts);
      continue;
    }
    if (open !== undefined) isInClass = true;
    if (end !== undefined) isInClass = false;
    if (name === undefined) {
      if (plain !== undefined) groupNames.push(undefined);
      source += text;
    } else {
      groupNames.push(name);
      // Numbered, as re2js takes no name twice, and none that every object has.
      source += `(?P<g${groupNames.length}>`;
    }
  }
  return { source, groupNames, doubts: [...doubts] };
}

function translateClass(
  text: string,
  sign: string,
  written: string,
  doubts: Set<string>,
): string {
  const isNegated = written.startsWith("^");
  const name = isNegated ? written.slice(1) : written;
  const known = NEW.get(canonical(name));
  if (known === undefined && !OLD.has(name)) {
    throw new Error(`\`${text}\` is not a character class that Go knows`);
  }
  if (known === undefined) {
    doubts.add(knownTo(text, "a Go before 1.25", "newer"));
  } else if (!OLD.has(name)) {
    doubts.add(knownTo(text, "Go 1.25 and newer", "older"));
  }
  return `\\${sign}{${isNegated ? "^" : ""}${known ?? name}}`;
}

function knownTo(text: string, builds: string, others: string): string {
  return `${text} is known to Teleport builds with ${builds} only, ${others} ones refuse the regular expression`;
}

/** Spells a name as Go 1.25 and newer look for it: a capital, small letters, no separators. */
function canonical(name: string): string {
  const joined = name.replaceAll(/[_\- ]/g, "");
  return joined.slice(0, 1).replace(/[a-z]/, (char) => char.toUpperCase()) +
    joined.slice(1).replaceAll(/[A-Z]/g, (char) => char.toLowerCase());
}
