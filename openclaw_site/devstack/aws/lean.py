"""Loads moto's services without the parts that only weigh: EC2's catalogue of machines and images.

Agents need moto's EC2 for subnets and security groups alone. Its catalogue of instance types, offerings and
machine images costs 0.6 s and 50 MiB, so it is loaded empty: nothing here launches an instance.
"""

import ctypes
import gc
import sys
from typing import Any

_LEFT_OUT: dict[str, type[list[Any]] | type[dict[str, Any]]] = {
    "ec2/resources/instance_types.json": dict,
    "ec2/resources/instance_type_offerings/": list,
    "ec2/resources/amis": list,
    "ec2/resources/latest_amis/": list,
    "ec2/resources/ecs/optimized_amis/": list,
}


def load_services(names: tuple[str, ...]) -> None:
    """The named services can be called afterwards. Where EC2 was loaded before, its catalogue stays."""
    from moto.backends import get_backend
    from moto.utilities import utils

    load = utils.load_resource

    def load_without_catalogue(resource: str) -> Any:
        for prefix, empty in _LEFT_OUT.items():
            if resource.startswith(prefix):
                return empty()
        return load(resource)

    utils.load_resource = load_without_catalogue
    try:
        for name in names:
            get_backend(name)  # type: ignore[call-overload]
    finally:
        utils.load_resource = load


def forget_everything() -> None:
    """Every service of moto is empty again."""
    from moto.core.base_backend import BackendDict
    from moto.core.model_instances import reset_model_data

    BackendDict.reset()
    reset_model_data()


def give_back_memory() -> None:
    """Return freed memory to the system after the start's large, short-lived objects. glibc only."""
    gc.collect()
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
        if trim:
            trim(0)
