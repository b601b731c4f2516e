"""The networks by what trials ask for: the one place that knows them."""

from collect.network.cnn import StackedCNN
from collect.network.interface import Network
from collect.network.own import OwnModule
from collect.study.trial import Settings

NETWORKS: dict[str, type[Network]] = {"cnn": StackedCNN}


def chosen(settings: Settings) -> type[Network]:
    """The network that a trial of these settings trains."""
    return OwnModule if settings.own else NETWORKS["cnn"]
