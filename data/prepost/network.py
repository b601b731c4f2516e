"""A small vision transformer (Dosovitskiy et al. 2021, arXiv 2010.11929) with LayerNorm before or after each sublayer.

Post-LN is the block of Vaswani et al. 2017; Pre-LN, with a last LayerNorm before the head, is that of Xiong et al.
2020 (arXiv 2002.04745). Both have the same weights: the last norm has none, as the head could do what its scale and
shift do. Weights begin as in Xiong et al.: Xavier's, biases at zero.
"""

from typing import Annotated, Literal

import torch
import torch.nn.functional as F
from pydantic import Field
from torch import Tensor, nn

#: Hidden units of a feed-forward sublayer, by the width.
EXPANSION = 2


class Attention(nn.Module):
    """Self-attention of several heads."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)

    def forward(self, x: Tensor) -> Tensor:
        """[B, tokens, width] -> the same."""
        query, key, value = self.qkv(x).unflatten(2, (3, self.heads, -1)).permute(2, 0, 3, 1, 4)
        mixed = F.scaled_dot_product_attention(query, key, value)
        out: Tensor = self.out(mixed.transpose(1, 2).flatten(2))
        return out


class Block(nn.Module):
    """Attention, then a feed-forward net, each with a residual connection and a LayerNorm."""

    def __init__(self, norm: str, width: int, heads: int) -> None:
        super().__init__()
        self.norm = norm
        self.attention, self.first = Attention(width, heads), nn.LayerNorm(width)
        hidden = EXPANSION * width
        self.feed_forward = nn.Sequential(nn.Linear(width, hidden), nn.GELU(), nn.Linear(hidden, width))
        self.second = nn.LayerNorm(width)

    def forward(self, x: Tensor) -> Tensor:
        """[B, tokens, width] -> the same."""
        if self.norm == "pre":
            x = x + self.attention(self.first(x))
            x = x + self.feed_forward(self.second(x))
        else:
            x = self.first(x + self.attention(x))
            x = self.second(x + self.feed_forward(x))
        return x


class VisionTransformer(nn.Module):
    """Patches as tokens with learned positions, blocks, the mean over tokens, a linear head."""

    def __init__(
        self,
        image_shape: tuple[int, int, int],
        classes: int,
        *,
        norm: str,
        depth: int,
        width: int,
        heads: int,
        patch: int,
    ) -> None:
        super().__init__()
        channels, height, breadth = image_shape
        if height % patch or breadth % patch or width % heads:
            raise ValueError(
                f"patches of {patch} x {patch} pixels have to tile images of {height} x {breadth}, and {heads} heads "
                f"to share a width of {width}"
            )
        self.patch = patch
        self.embed = nn.Linear(channels * patch**2, width)
        self.position = nn.Parameter(0.02 * torch.randn(height * breadth // patch**2, width))
        self.blocks = nn.Sequential(*(Block(norm, width, heads) for _ in range(depth)))
        self.last = nn.LayerNorm(width, elementwise_affine=False) if norm == "pre" else nn.Identity()
        self.head = nn.Linear(width, classes)
        for module in self.modules():
            if isinstance(module, nn.Linear):
                nn.init.xavier_uniform_(module.weight)
                nn.init.zeros_(module.bias)

    def forward(self, x: Tensor) -> Tensor:
        """[B, channels, H, W] -> logits [B, classes]."""
        patches = F.unfold(x, self.patch, stride=self.patch).transpose(1, 2)
        tokens = self.blocks(self.embed(patches) + self.position)
        logits: Tensor = self.head(self.last(tokens).mean(1))
        return logits


def build(
    image_shape: tuple[int, int, int],
    classes: int,
    *,
    norm: Annotated[Literal["pre", "post"], Field(description="where LayerNorm stands in a block")] = "pre",
    depth: Annotated[int, Field(ge=1, le=64, description="blocks")] = 6,
    width: Annotated[int, Field(ge=1, le=1024, description="numbers of a token")] = 64,
    heads: Annotated[int, Field(ge=1, le=64, description="of the attention")] = 4,
    patch: Annotated[int, Field(ge=1, le=64, description="pixels of a patch's side")] = 7,
) -> nn.Module:
    """The network for images of this shape."""
    return VisionTransformer(image_shape, classes, norm=norm, depth=depth, width=width, heads=heads, patch=patch)
