"""What disguised characters read as: look-alike letters, leetspeak, text-speak, emoji for words."""

LEET = str.maketrans({
    "0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t", "8": "b",
    "@": "a", "$": "s", "!": "i", "|": "l",
})  # fmt: skip

CONFUSABLES = dict(
    zip("аеорсухіјѕԁһкмтвнАЕОРСХІЈЅКМТВНοαειυνκρτ", "aeopcyxijsdhkmtbhAEOPCXIJSKMTBHoaeiuvkpt",
        strict=True)
) | {"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-", "…": "...", "£": "£", "€": "€",
     "ß": "ss", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ı": "i"}  # fmt: skip

TEXT_SPEAK = {
    "m8": "mate", "m8s": "mates", "l8": "late", "l8r": "later", "gr8": "great", "b4": "before",
    "2day": "today", "2moro": "tomorrow", "2nite": "tonight", "2morrow": "tomorrow", "str8":
    "straight", "w8": "wait", "h8": "hate", "sum1": "someone", "some1": "someone", "any1": "anyone",
    "no1": "noone", "every1": "everyone", "4ever": "forever", "4got": "forgot", "4u": "for you",
    "s3x": "sex", "r8": "rate", "in2": "into", "2gether": "together", "k1ds": "kids",
}  # fmt: skip
"""Digits that stand for sounds, which leetspeak's letters would garble."""

EMOJI_WORDS = {
    "🔪": "knife", "🗡": "knife", "🔫": "gun", "💣": "bomb", "🩸": "blood",
    "🔥": "fire", "🚨": "help", "🆘": "sos", "🚑": "ambulance", "🚓": "police",
    "👮": "police", "💀": "skull", "☠": "skull", "😂": "laughing", "🤣": "laughing",
    "😆": "laughing", "😭": "crying", "😢": "crying", "😡": "angry", "🤬": "angry",
    "😱": "scared", "😨": "scared", "😰": "scared", "🙏": "please", "❤": "love",
    "💙": "love", "💔": "heartbroken", "👍": "thumbsup", "👏": "clapping", "🍕": "pizza",
    "⚽": "football", "🙄": "eyeroll", "😏": "smirk", "😉": "wink", "🎉": "party",
    "💊": "tablets", "🍁": "weed", "🌿": "weed", "❄": "cocaine", "🚗": "car",
    "🚲": "bike", "🐶": "dog", "🐱": "cat",
}  # fmt: skip
