"""Names as they are compared: in Latin letters, without accents, legal forms and signs, and as they would have been typed on another keyboard."""

import re

from anyascii import anyascii

# Words of legal forms, in Latin letters and without signs. They are taken off the ends of a name alone, so that "Society
# Hill Bakery Ltd" keeps its society, and never the last word that is left.
LEGAL = frozenset("""
    ab abp ad ae aes ag aktiebolag aktiebolaget aktiengesellschaft aktieselskab akcionersko aktsionerno aktsionernoe aktsionerne akciju akciova akcyjna
    aktsiaselts allmennaksjeselskap amba anonim anonima anonyme anonymi anpartsselskab ans ao aoa apb aps as asa asoo ay azs beperkte beperkt beschrankter besloten bhd
    bt bv bvba ca cedex cia cjsc co commandite comandita commanditaire compagnie company compania corp corporation coop cooperative cooperativa cv cvba cyf
    da dac dd ddo doo drustvo druzhestvo drujestvo eg ead eeig eirl eingetragener eingetragene ek ekk enterprise eood eou epe etaireia eteria eurl ev
    fcp fie fmba fop gbr gensidigt genossenschaft gesellschaft gesellschaften gesmbh ges gie gk gmbh gcv group gte haftung haftungsbeschrankt hf hrl
    i i/s iks inc incorporated incorporation ik individuale is jsc joint joint-stock jointstock jtd kabushiki kaisha kd kda kft kg kgaa kht kk komandytowa
    kommanditgesellschaft komanditni koz kt kv lc lda liability limitada limitata limited limitada limitee lllp llc llp lp lt ltd ltda ltee mb mbb mbh nl nonprofit nv nyrt
    oao obshchestvo obschestvo ocoo od odgovornoscu odpowiedzialnoscia og ogranicenom ogranichennoi ogranichennoy ogranichena ogranichenoy ogranicenou ograniczona ohg ok oe oeg
    offene ojsc ood ooo organizacao osakeyhtio osauhing otkrytoe otvetstvennostyu otvetstvennostju otgovornost ou oy oyj pao paos partg partnership plc pllc po
    predpriyatie private pjsc prp pt pte pty public publikt pubblica qmj raspunderea raspundere ro rucenim omezenym rl responsabilita responsabilite
    responsabilidad rt ry sa saa sab sae sagl sal sam sapa sapi sarl sas sasu sad sca sce scop scra scrl sci scs sdn se secs sendirian berhad sgps sgr sia sl slu sll slne snc
    societa societate societatea societe sociedad sociedade spa spj spk spolecnost spolka spolocnost sprl spzoo srl sro srls stiftung stock stg sti sirket sirketi szovetkezet tbk
    tdv tmi tov tovarystvo tovarishchestvo uab ug ulc unip unipersonal unltd unlimited vennootschap veb vof vzw xxk zakrytoe zao zrt zoo
    acciones simplificada aktieselskabet besch beschr kaufmann naaml partnerschaftsgesellschaft perseroan terbatas terbuka unternehmergesellschaft unternehmerges
    hutuchoju gaisha youxiangongsi jusighoesa yuhanhoesa
""".split())
# Little words between those of a legal form: they go with it and never alone.
JOINING = frozenset("a and cu d da de del der des di do e et in la le los mit na o of og or par por s sa so spol ta u und with y z".split())
# In scripts that do not part words.
UNSPACED = re.compile("股份有限公司|有限责任公司|有限責任公司|有限公司|株式会社|株式會社|有限会社|合同会社|주식회사|유한회사|유한책임회사|[(（]주[)）]|㈜|[(（]株[)）]|㈱|集团|集團")
SIGNS, GAPS = re.compile(r"['’`´.·]"), re.compile(r"[^a-z0-9]+")
LATIN_KEYS = "`qwertyuiop[]asdfghjkl;'zxcvbnm,."
RUSSIAN_KEYS = "ёйцукенгшщзхъфывапролджэячсмитьбю"
KOREAN_KEYS = dict(zip("qwertyuiopasdfghjklzxcvbnm", "ㅂㅈㄷㄱㅅㅛㅕㅑㅐㅔㅁㄴㅇㄹㅎㅗㅓㅏㅣㅋㅌㅊㅍㅠㅜㅡ", strict=True)) | dict(zip("QWERTOP", "ㅃㅉㄸㄲㅆㅒㅖ", strict=True))
INITIALS, VOWELS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ", "ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ"
FINALS = "\0ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ"
PAIRS = {"ㅗㅏ": "ㅘ", "ㅗㅐ": "ㅙ", "ㅗㅣ": "ㅚ", "ㅜㅓ": "ㅝ", "ㅜㅔ": "ㅞ", "ㅜㅣ": "ㅟ", "ㅡㅣ": "ㅢ"}
# Latin letters as Russians write foreign names, the longest first: enough for the trigrams of a search; what is found is compared in Latin.
CYRILLIC = (
    ("shch", "щ"), ("sch", "щ"), ("zh", "ж"), ("kh", "х"), ("ts", "ц"), ("ch", "ч"), ("sh", "ш"), ("yu", "ю"), ("ya", "я"), ("yo", "ё"), ("ye", "е"), ("ju", "ю"), ("ja", "я"),
    *zip("abvgdeziyklmnoprstufhcjqwx", "абвгдезийклмнопрстуфхцйквкс", strict=False),
)


def latin(text: str) -> str:
    """Lower case Latin letters and digits with single spaces; single letters that stand together are one word ("S. A." is "sa")."""
    words = GAPS.sub(" ", anyascii(SIGNS.sub("", text)).lower()).split()
    found: list[str] = []
    for before, word in zip(["  ", *words], words, strict=False):
        if len(word) == 1 and len(before) == 1 and word.isalpha() and before.isalpha():
            found[-1] += word
        else:
            found.append(word)
    return " ".join(found)


def core_of(name: str) -> str:
    """A company's name in Latin letters without its legal form; the whole name where nothing else would be left."""
    bare = UNSPACED.sub(" ", name)
    words = latin(bare).split()
    first, last = _cut(words, 0, len(words))
    return " ".join(words[first:last]) or latin(name)


def _cut(words: list[str], first: int, last: int) -> tuple[int, int]:
    """The first and last word of what is left without legal forms at both ends."""
    while last - first > 1 and _ends(words[first:last]):
        last -= _ends(words[first:last])
    while last - first > 1 and (words[first] in LEGAL or (words[first] in JOINING and words[first + 1] in LEGAL and last - first > 2)):
        first += 1
    while last - first > 1 and first and words[first] in JOINING:
        first += 1
    return first, last


def _ends(words: list[str]) -> int:
    """How many words at the end belong to a legal form: one, and the little ones before it."""
    if words[-1] not in LEGAL:
        return 0
    taken = 1
    while taken < len(words) - 1 and words[-taken - 1] in JOINING:
        taken += 1
    return taken


def bare_form(name: str) -> str:
    """The name as it is written, without legal forms at its ends where words are parted: what a search by trigrams looks for."""
    words = UNSPACED.sub(" ", name).split()
    first, last = _cut([latin(word) for word in words], 0, len(words))
    return " ".join(words[first:last]).strip(" ,;\"'«»“”") or name


def spellings(typed: str, *, keyboards: bool = True) -> list[str]:
    """What may have been meant beside what was typed: in Latin letters, in Cyrillic, and (keyboards) on the right keyboard. Few, none of them twice."""
    lower = typed.lower()
    found = [latin(typed)]
    if not keyboards:
        found += [cyrillic(lower)] if typed.isascii() and any(c.isalpha() for c in typed) else []
    elif typed.isascii() and any(c.isalpha() for c in typed):
        russian = lower.translate(str.maketrans(LATIN_KEYS, RUSSIAN_KEYS))
        found += [russian.replace("ё", "е"), cyrillic(lower), *([hangul] if (hangul := korean(typed)) else [])]
    elif re.search("[а-яё]", lower):
        found.append(lower.translate(str.maketrans(RUSSIAN_KEYS, LATIN_KEYS)))
    elif re.search("[\u3131-\u3163\uac00-\ud7a3]", typed):
        found.append(_keys_of(typed))
    return [one for one in dict.fromkeys(found) if one and one != lower]


def umlauts(typed: str) -> list[str]:
    """How else German and Nordic names are written: Müller as Mueller, Mueller as Muller, which is found as Müller is."""
    lower = typed.lower()
    wide = lower.translate({ord("ä"): "ae", ord("ö"): "oe", ord("ü"): "ue", ord("ø"): "oe", ord("å"): "aa"})
    narrow = re.sub(r"(?<![aeq])ue|(?<=[ao])e", lambda found: found[0][:-1], wide) if wide == lower else wide
    return [narrow if wide == lower else wide] if narrow != lower or wide != lower else []


def cyrillic(text: str) -> str:
    """Latin letters as they would stand in Cyrillic."""
    for letters, sign in CYRILLIC:
        text = text.replace(letters, sign)
    return text


def korean(typed: str) -> str:
    """Latin keys pressed for Hangul (dkssud is 안녕); "" where they make no whole syllables."""
    found = []
    for word in typed.split():
        made = _syllables([KOREAN_KEYS.get(c, KOREAN_KEYS.get(c.lower(), c)) for c in word])
        if not re.fullmatch("[\uac00-\ud7a3]+", made):
            return ""
        found.append(made)
    return " ".join(found)


def _syllables(letters: list[str]) -> str:
    """Letters of Hangul put together: a consonant belongs to the syllable whose vowel follows it."""
    made, at = "", 0
    while at < len(letters):
        if letters[at] not in INITIALS or at + 1 >= len(letters) or letters[at + 1] not in VOWELS:
            return ""
        first, vowel, at = letters[at], letters[at + 1], at + 2
        if at < len(letters) and vowel + letters[at] in PAIRS:
            vowel, at = PAIRS[vowel + letters[at]], at + 1
        last = ""
        if at < len(letters) and letters[at] in FINALS and not (at + 1 < len(letters) and letters[at + 1] in VOWELS):
            last, at = letters[at], at + 1
        made += chr(0xAC00 + (INITIALS.index(first) * 21 + VOWELS.index(vowel)) * 28 + (FINALS.index(last) if last else 0))
    return made


def _keys_of(text: str) -> str:
    """The Latin keys that Hangul is typed with."""
    keys = {sign: key for key, sign in KOREAN_KEYS.items()}
    apart = {whole: pair for pair, whole in PAIRS.items()}
    found = ""
    for sign in text:
        letters = [sign]
        if "\uac00" <= sign <= "\ud7a3":
            place = ord(sign) - 0xAC00
            letters = [INITIALS[place // 588], VOWELS[place % 588 // 28], FINALS[place % 28]]
        found += "".join(keys.get(letter, letter) for one in letters if one != "\0" for letter in apart.get(one, one))
    return found
