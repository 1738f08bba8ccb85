"""ECS's refusals in moto's exception classes, so that moto serializes them as the service would."""

from moto.ecs.exceptions import ECSException


def invalid_parameter(message: str) -> ECSException:
    return ECSException("InvalidParameterException", message)


def client_error(message: str) -> ECSException:
    return ECSException("ClientException", message)


class Conflict(ECSException):
    """A client token that was used with other parameters. `resourceIds` is the field's name in the API."""

    def __init__(self, task_arns: list[str]) -> None:
        super().__init__("ConflictException", "The client token was used before with different request parameters.")
        self.resourceIds = task_arns
