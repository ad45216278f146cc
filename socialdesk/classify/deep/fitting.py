"""Tuning the deep tier on the corpus, and writing it as int8 weights; needs the `training` extra.

Source of the recipe: full fine-tuning with AdamW and a one-cycle schedule (Loshchilov and Hutter
2019; Smith 2018), dynamic int8 quantisation of the linear layers and the embedding table.
"""

import hashlib
import json
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from onnxruntime.quantization import QuantType, quantize_dynamic
from tokenizers import Tokenizer

from socialdesk.classify.deep.network import BASE_SHA256, Network, base_folder
from socialdesk.classify.deep.slips import with_slips
from socialdesk.classify.deep.tier import (
    MANIFEST,
    MOST_TOKENS,
    WEIGHTS,
    WORDPIECES,
    readings,
)
from socialdesk.classify.heads import CRIME_AT, HEADS, PRIMARY_AT, URGENCY_AT, YES_NO

Progress = Callable[[str], None]
Truth = NDArray[np.bool_]

EPOCHS = 4
BATCH = 24
RATE = 2e-4
"""Step size of the base at its highest; the new layer's is ten times as large."""

BUCKET = 16 * BATCH
"""Messages sorted by length together, so that batches hold little padding yet stay mixed."""

_ATTENTION = {CRIME_AT: 2.0, URGENCY_AT.start: 4.0, URGENCY_AT.start + 1: 3.0}
"""How much more some heads count than others in what is minimised."""


def tuned(texts: Sequence[str], truth: Truth, seed: int, progress: Progress) -> Network:
    """Return a network tuned on `texts`, whose `truth` is messages × heads."""
    torch.manual_seed(seed)
    chance = np.random.default_rng(seed)
    read = [readings(text)[0] for text in texts]
    answers = torch.tensor(truth.astype(np.float32))
    words = _tokenizer()
    network = Network()
    network.train()
    base = [one for name, one in network.named_parameters() if name.startswith("base.")]
    rates = [RATE, RATE * 10]
    groups = [
        {"params": base, "lr": rates[0]},
        {"params": network.heads.parameters(), "lr": rates[1]},
    ]
    optimiser = torch.optim.AdamW(groups, weight_decay=0.01)
    steps = EPOCHS * -(-len(read) // BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, max_lr=rates, total_steps=steps + 1, pct_start=0.1
    )
    for epoch in range(EPOCHS):
        total = 0.0
        for some in _batches(read, chance):
            ids, mask = _coded(words, [with_slips(read[at], chance) for at in some])
            with torch.autocast("cpu", dtype=torch.bfloat16):
                said = network(ids, mask)
            loss = _loss(said.float(), answers[some])
            optimiser.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimiser.step()
            schedule.step()
            total += float(loss.detach()) * len(some)
        progress(f"deep tier: pass {epoch + 1} of {EPOCHS}, loss {total / len(read):.3f}")
    network.eval()
    return network


def _loss(said: torch.Tensor, answers: torch.Tensor) -> torch.Tensor:
    """Return what is minimised: each yes-or-no question, and the one primary category."""
    asked = torch.ones(len(YES_NO))
    for head, weight in _ATTENTION.items():
        asked[head] = weight
    split = len(YES_NO)
    each = torch.nn.functional.binary_cross_entropy_with_logits(
        said[:, :split], answers[:, :split], reduction="none"
    )
    primary = torch.nn.functional.cross_entropy(
        said[:, PRIMARY_AT], answers[:, PRIMARY_AT].argmax(1), label_smoothing=0.05
    )
    return (each * asked).sum(1).mean() / 10 + primary


def _batches(read: Sequence[str], chance: np.random.Generator) -> Iterator[list[int]]:
    order = chance.permutation(len(read))
    batches: list[list[int]] = []
    for start in range(0, len(order), BUCKET):
        some = sorted(order[start : start + BUCKET].tolist(), key=lambda at: len(read[at]))
        batches += [some[at : at + BATCH] for at in range(0, len(some), BATCH)]
    for at in chance.permutation(len(batches)):
        yield batches[at]


def _tokenizer() -> Tokenizer:
    words = Tokenizer.from_file(str(base_folder() / WORDPIECES))
    words.enable_truncation(MOST_TOKENS)
    words.enable_padding()
    return words


def _coded(words: Tokenizer, read: list[str]) -> tuple[torch.Tensor, torch.Tensor]:
    coded = words.encode_batch(read)
    return (
        torch.tensor([one.ids for one in coded]),
        torch.tensor([one.attention_mask for one in coded]),
    )


def write(network: Network, folder: Path, version: str) -> dict[str, str]:
    """Write `network` as int8 weights with its tokenizer and manifest; return name → SHA-256."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        whole = Path(scratch) / "whole.onnx"
        example = _coded(_tokenizer(), ["a few words", "and a few more of them"])
        torch.onnx.export(
            network,
            example,
            str(whole),
            input_names=["ids", "mask"],
            output_names=["scores"],
            dynamic_axes={name: {0: "messages", 1: "tokens"} for name in ("ids", "mask")},
            opset_version=17,
            dynamo=False,
        )
        quantize_dynamic(whole, folder / WEIGHTS, weight_type=QuantType.QInt8)
    shutil.copyfile(base_folder() / WORDPIECES, folder / WORDPIECES)
    hashes = {
        name: hashlib.sha256((folder / name).read_bytes()).hexdigest()
        for name in (WEIGHTS, WORDPIECES)
    }
    manifest = {"version": version, "heads": HEADS, "base_sha256": BASE_SHA256, "sha256": hashes}
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=2, sort_keys=True) + "\n", "utf-8")
    return hashes
