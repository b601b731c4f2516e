"""Images that are moved: by what is drawn, as a loop over pixels moves them, the same in both arms of a pair."""

import pytest
import torch
from torch import Tensor

from collect.engine.draws import augmentations
from collect.engine.training import set_up, train
from collect.images.on_device import ResidentImages, moved
from tests.collect.conftest import trial


def by_hand(image: Tensor, down: int, right: int, *, mirrored: bool) -> Tensor:
    """The image pixel by pixel: pad with zeros, crop, then mirror."""
    _, height, width = image.shape
    out = torch.zeros_like(image)
    for row in range(height):
        for column in range(width):
            y, x = row + down, column + right
            if 0 <= y < height and 0 <= x < width:
                out[:, row, column] = image[:, y, x]
    return out.flip(2) if mirrored else out


@pytest.mark.parametrize("dtype", [torch.uint8, torch.float32])
def test_images_are_moved_as_they_say(dtype: torch.dtype) -> None:
    """Of two trials, by every kind of move, not square and in three colours."""
    generator = torch.Generator().manual_seed(2)
    images = torch.randint(1, 255, (5, 3, 6, 7), generator=generator).to(dtype)
    index = torch.tensor([[0, 3, 2], [4, 4, 1]])
    moves = torch.tensor([[[0, 0, 0], [2, -1, 0], [-4, 4, 1]], [[0, 0, 1], [1, 0, 1], [0, -3, 0]]], dtype=torch.int8)
    found = moved(images, index, moves)
    assert (found.shape, found.dtype) == ((2, 3, 3, 6, 7), dtype)
    for k in range(2):
        for b in range(3):
            down, right, mirrored = moves[k, b].tolist()
            assert torch.equal(found[k, b], by_hand(images[index[k, b]], down, right, mirrored=bool(mirrored)))


def test_moves_are_drawn_by_the_seed() -> None:
    """Equal in both arms, other in each step, within reach, even over it; a neighbour without stays where it is."""
    stack = [
        trial(augment="flip_crop"),
        trial(ordering="act_bn", activation="tanh", augment="flip_crop"),
        trial(seed=1, augment="shift"),
        trial(),
    ]
    moves = augmentations(stack, 50)
    assert moves is not None
    assert moves.shape == (50, 4, 32, 3)
    crop, other_arm, shift, still = moves.unbind(1)
    assert torch.equal(crop, other_arm)
    assert not torch.equal(crop[0], crop[1])
    assert [set(values[..., :2].flatten().tolist()) for values in (crop, shift)] == [set(range(-4, 5)), {*range(-2, 3)}]
    assert 0.45 < crop[..., 2].double().mean() < 0.55
    assert not shift[..., 2].any()
    assert not still.any()
    assert augmentations([trial(), trial(seed=1)], 5) is None


def test_a_step_sees_the_moved_images(resident: ResidentImages) -> None:
    """The batch of a step is what was drawn for it, scaled as ever; evaluation sees the images as they are."""
    stack = [trial(augment="shift"), trial(seed=1)]
    stepper, _, _ = set_up(stack, resident)
    moves = augmentations(stack, len(stepper.batches))
    assert moves is not None
    stepper.prepare(3)
    batch = resident.batch(resident.train_images, stepper.index.long(), stepper.move)
    image = resident.train_images[stepper.batches[2, 0, 5]]
    expected = by_hand(image, *moves[2, 0, 5, :2].tolist(), mirrored=False)
    torch.testing.assert_close(batch[5, 0], ((expected.float() / 255 - resident.mean) / resident.std)[0])
    untouched = resident.train_images[stepper.batches[2, 1, 5]]
    torch.testing.assert_close(batch[5, 1], ((untouched.float() / 255 - resident.mean) / resident.std)[0])


def test_it_is_trained_with(resident: ResidentImages) -> None:
    """Each kind of it gives another training, from the same weights in the same order."""
    rows = [train([trial(augment=kind)], resident)[0].row for kind in ("none", "shift", "flip_crop")]
    assert len({row.test_loss for row in rows}) == 3
    assert len({(row.init_hash, row.order_hash) for row in rows}) == 1
