"""A Ray cluster of two nodes with one CPU each, in a process of its own, and those who use it.

    python -m tests.collect.ray_cluster

Prints its address, kills the second node when it reads "kill", puts another in its place when it reads "add", and ends
with its input.
"""

import logging
import sys

from ray.cluster_utils import Cluster


def main() -> None:
    """Start, obey, stop."""
    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False})
    second = cluster.add_node(num_cpus=1)
    cluster.wait_for_nodes()
    print(cluster.address, flush=True)  # noqa: T201  # read by the test
    for line in sys.stdin:
        if line.strip() == "kill":
            cluster.remove_node(second, allow_graceful=False)
        else:
            second = cluster.add_node(num_cpus=1)
            cluster.wait_for_nodes()
        print("done", flush=True)  # noqa: T201  # read by the test
    cluster.shutdown()


if __name__ == "__main__":
    logging.disable(logging.WARNING)
    main()
