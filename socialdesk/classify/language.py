"""A hint at the language a message is written in: by its commonest words and its script."""

from typing import Literal

Language = Literal["english", "welsh", "other", "unknown"]

_ENGLISH = (
    "the a an and is are was were be been it this that he she they we you i my your his her our "
    "to of in on at for with from have has had do does did not no can will would just about what "
    "who when where how so but if or me him them there here out up down get got go going been "
    "please thanks help someone something now then why all any im dont cant whats thats u ur pls "
    "hes shes theyre ive its wont didnt isnt youre lol"
)
_WELSH = (
    "mae yn y yr a ac i o ar am dwi rydw rwy wedi bod nid dim oes sydd roedd eisiau isio mewn gan "
    "fy dy ei ein eich eu helo diolch os gwelwch dda heddlu rhywun beth pwy ble pryd sut ond hefyd "
    "nawr rwan heno neithiwr ddoe plis helpwch fi ni chi nhw hi ef fo gyda efo at dros tŷ"
)
_OTHER = (
    "de la el los las que y en un una por con para no es muy le les des est pas je il elle et du "
    "der die das und ist nicht ich sie ein mit auf nie jest się na w z do to mnie mi proszę pomoc "
    "nu este si pe cu sa mai hai nahi kya mein ko ka ki ke se aur bu ve bir için var yok"
)

_SETS = tuple(frozenset(words.split()) for words in (_ENGLISH, _WELSH, _OTHER))


def hint(text: str) -> Language:
    """Return which language `text` seems to be in; "unknown" when there is too little to tell."""
    words = [word.strip(".,!?;:'\"()…") for word in text[:2000].lower().split()]
    words = [word for word in words if word.isalpha() or any(char.isalpha() for char in word)]
    if not words:
        return "unknown"
    if not text.isascii():
        letters = [char for word in words for char in word if char.isalpha()]
        if sum(char > "\u024f" for char in letters) * 2 > len(letters):
            return "other"
    english, welsh, other = (sum(word in set_ for word in words) for set_ in _SETS)
    best = max(english, welsh, other)
    if best == 0 or (len(words) < 3 and welsh == english):
        return "unknown"
    if english == best:
        return "english"
    return "welsh" if welsh == best else "other"
