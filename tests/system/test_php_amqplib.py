"""php-amqplib, below Laravel's and Symfony's queues and Magento. It logs in with AMQPLAIN, too."""

import pathlib

import pytest
from support.shell import run

pytestmark = [pytest.mark.needs("amqp"), pytest.mark.io_threads(0)]

SCRIPT = pathlib.Path(__file__).parent / "php/amqplib_scenarios.php"


@pytest.mark.parametrize("which", ["work-queue", "batch", "tables", "dead-letters", "returns", "transactions", "errors"])
def test_php_amqplib(broker, name, which):
    run(["php", SCRIPT, which, broker.amqp_port, name], timeout=60)
