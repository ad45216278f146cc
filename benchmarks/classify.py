"""Speed of the classifier: messages a second on one core, reasons, memory, start-up."""

import os
import resource
import subprocess
import sys
import time

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
from sklearn.feature_extraction.text import HashingVectorizer

from socialdesk.classify.corpus import load_corpus
from socialdesk.classify.heads import HEADS
from socialdesk.classify.locate import load_model
from socialdesk.core.shipped import shipped

MESSAGES = 10_000


def main() -> None:
    corpus = [one.text for one in load_corpus(shipped("models") / "corpus")]
    texts = [f"{corpus[at % len(corpus)]} {at}" for at in range(MESSAGES)]
    model = load_model()
    begun = time.perf_counter()
    model.assess(texts[: len(corpus)])
    cold = len(corpus) / (time.perf_counter() - begun)
    begun = time.perf_counter()
    model.assess(texts)
    ours = MESSAGES / (time.perf_counter() - begun)
    bare = _bare(texts)
    begun = time.perf_counter()
    for text in corpus[:300]:
        model.explain(text)
    reasons = (time.perf_counter() - begun) / 300 * 1000
    code = "from socialdesk.classify.locate import load_model; load_model().assess(['hello'])"
    begun = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True)  # noqa: S603 our own program
    start = time.perf_counter() - begun
    print(f"first sight of every word: {cold:,.0f} messages/s")
    print(f"steady: {ours:,.0f} messages/s, {ours / bare:.2f} of hashing + linear ({bare:,.0f})")
    print(f"reasons: {reasons:.2f} ms a message")
    print(f"start-up, with Python and spaCy: {start:.2f} s")
    print(f"memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB at most")


def _bare(texts: list[str]) -> float:
    """Messages a second for the same work done barely: hashed words and letters, one product."""
    vectorizer = HashingVectorizer(analyzer="char_wb", ngram_range=(3, 4), n_features=2**16)
    weights = np.zeros((2**16, len(HEADS)), dtype=np.float32)
    begun = time.perf_counter()
    vectorizer.transform(texts) @ weights
    return len(texts) / (time.perf_counter() - begun)


if __name__ == "__main__":
    main()
