"""What PHP's programs use: php-amqplib (Laravel, Magento), which logs in with AMQPLAIN, too, and the extension over rabbitmq-c (Symfony)."""

import pathlib

import pytest
from support.shell import run

pytestmark = [pytest.mark.needs("amqp"), pytest.mark.io_threads(0)]

FOLDER = pathlib.Path(__file__).parent / "php"


@pytest.mark.parametrize("which", ["work-queue", "batch", "tables", "dead-letters", "returns", "transactions", "errors"])
def test_php_amqplib(broker, name, which):
    run(["php", FOLDER / "amqplib_scenarios.php", which, broker.amqp_port, name], timeout=60)


@pytest.mark.parametrize("which", ["messenger", "get-and-nack", "errors"])
def test_the_amqp_extension_of_php(broker, name, which):
    run(["php", FOLDER / "extension_scenarios.php", which, broker.amqp_port, name], timeout=60)
