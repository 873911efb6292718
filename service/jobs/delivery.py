"""Messages by Dramatiq, over Redis or RabbitMQ. A message is a chunk's id; it may be lost, late or repeated.

A worker that dies takes unacknowledged messages with it. RabbitMQ delivers them again as soon as the connection is gone. Redis does so once no
heartbeat has come for `heartbeat_timeout` and a later command happens to do maintenance: by Dramatiq's own values (60 s, one command in
a thousand) that took more than 250 s, by those below it takes seconds.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

import dramatiq
from dramatiq import Broker, Worker
from dramatiq.errors import BrokerConnectionError
from redis.exceptions import RedisError

QUEUE = "restage"
ACTOR = "work"
# What sending may raise while a broker is away. Redis' errors come as they are.
UNAVAILABLE = (BrokerConnectionError, RedisError, OSError)
_REDIS, _AMQP = ("redis", "rediss"), ("amqp", "amqps")
_HEARTBEAT_MILLISECONDS = 10_000
# Of a million commands so many look for lost workers. An idle worker gives about one command a second.
_MAINTENANCE_CHANCE = 200_000
# For RabbitMQ, in seconds; for a machine that vanishes, since a process that dies closes its connection.
_AMQP_HEARTBEAT = 10
_IDLE_MILLISECONDS = 500


class BadAddress(ValueError):
    """The message never shows the address: it may hold a password."""


def check(address: str) -> None:
    """Raises BadAddress for one that no broker has; an empty one asks for none."""
    if address and address.partition("://")[0] not in (*_REDIS, *_AMQP):
        raise BadAddress("JOBS_URL starts with redis://, rediss://, amqp:// or amqps://")


def broker(address: str, handle: Callable[[int], None]) -> Broker:
    """A broker whose messages `handle` takes. Connects when first used. Raises BadAddress."""
    found = _broker(address)
    dramatiq.actor(broker=found, actor_name=ACTOR, queue_name=QUEUE)(handle)
    return found


def _broker(address: str) -> Broker:
    # pika reports every connection that was closed while it was idle; the next message opens another one.
    logging.getLogger("pika").setLevel(logging.CRITICAL)
    # No middleware: retries, time limits and the rest are the rows' matter, and a message that fails is sent again by the sweep.
    check(address)
    if address.partition("://")[0] in _REDIS:
        from dramatiq.brokers.redis import RedisBroker

        return RedisBroker(  # type: ignore[no-untyped-call]
            url=address, middleware=[], namespace=QUEUE, heartbeat_timeout=_HEARTBEAT_MILLISECONDS, maintenance_chance=_MAINTENANCE_CHANCE
        )
    from dramatiq.brokers.rabbitmq import RabbitmqBroker

    mark = "&" if "?" in address else "?"
    timed = address if "heartbeat=" in address else f"{address}{mark}heartbeat={_AMQP_HEARTBEAT}"
    return RabbitmqBroker(url=timed, middleware=[], confirm_delivery=True)


def ask(address: str, seconds: float) -> None:
    """Returns where the broker answers within about so long; raises what its library raises where it does not."""
    check(address)
    if address.partition("://")[0] in _REDIS:
        from redis import Redis

        with Redis.from_url(address, socket_connect_timeout=seconds, socket_timeout=seconds) as client:
            client.ping()
        return
    from pika import BlockingConnection, URLParameters  # type: ignore[import-untyped]

    parameters = URLParameters(address)
    parameters.socket_timeout = parameters.stack_timeout = parameters.blocked_connection_timeout = seconds
    parameters.connection_attempts = 1
    BlockingConnection(parameters).close()


def send(found: Broker, chunks: list[int]) -> None:
    """Raises one of UNAVAILABLE."""
    actor = found.get_actor(ACTOR)
    for chunk in chunks:
        actor.send(chunk)


def consumer(found: Broker, threads: int) -> Worker:
    """Not yet started."""
    return Worker(found, worker_threads=threads, worker_timeout=_IDLE_MILLISECONDS)
