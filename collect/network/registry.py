"""The networks by what trials ask for: the one place that knows them."""

from collect.network.cnn import StackedCNN
from collect.network.interface import Network
from collect.network.own import OwnModule
from collect.network.own_stack import OwnStack
from collect.study.trial import Settings

NETWORKS: dict[str, type[Network]] = {"cnn": StackedCNN}


def chosen(settings: Settings, trials: int = 1) -> type[Network]:
    """The network of so many trials of these settings."""
    if settings.own:
        return OwnModule if trials == 1 else OwnStack
    return NETWORKS["cnn"]
