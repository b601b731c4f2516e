"""The built-in networks by name: the one place that knows them."""

from collect.network.cnn import StackedCNN
from collect.network.interface import Network

NETWORKS: dict[str, type[Network]] = {"cnn": StackedCNN}


def chosen() -> type[Network]:
    """The network that trials train: the CNN, for no setting names another yet."""
    return NETWORKS["cnn"]
