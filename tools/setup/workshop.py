"""A machine made ready for any command: Odoo, Python, a running cluster, a configuration, databases."""

import contextlib
from dataclasses import dataclass

from .cluster import Cluster
from .databases import Databases
from .odoo import write_configuration
from .odoo_tree import OdooTree, odoo_tree
from .places import ready
from .venv import virtual_environment


@dataclass(frozen=True)
class Workshop:
    """What a command works with."""

    tree: OdooTree
    cluster: Cluster
    databases: Databases


def python_ready():
    """Odoo's tree and the Python environment, for commands without a database; returns the tree."""
    ready()
    tree = odoo_tree()
    virtual_environment(tree)
    return tree


@contextlib.contextmanager
def workshop():
    """Everything, with the cluster running meanwhile."""
    tree = python_ready()
    with Cluster().running() as cluster:
        write_configuration(tree, cluster)
        yield Workshop(tree, cluster, Databases(cluster, tree))
