"""follow.py VENDOR COUNT: prints what becomes of the vendor's commands, from where it stopped the last time."""
import asyncio
import sys

import nats.errors
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy

from connection import SYSTEM, connect_as_system

STREAM = "LEDGER_EVENTS"


async def follow(nc, vendor: int, count: int) -> None:
    js = nc.jetstream()
    # This name is the system's for this vendor (and with _replay a second one); the filter must be this one.
    durable = f"{SYSTEM}_{vendor}"
    await js.add_consumer(
        STREAM,
        ConsumerConfig(
            name=durable,
            durable_name=durable,
            filter_subject=f"ledger.events.{vendor}.>",
            ack_policy=AckPolicy.EXPLICIT,
            deliver_policy=DeliverPolicy.ALL,
        ),
    )
    events = await js.pull_subscribe_bind(durable, STREAM)
    # An event may come more than once, always under the same id. Keep the ids with what you make of the events.
    seen = set()
    while len(seen) < count:
        try:
            batch = await events.fetch(100, timeout=5)
        except nats.errors.TimeoutError:
            continue
        for event in batch:
            key = event.headers["Nats-Msg-Id"]
            if key not in seen:
                print(event.subject, event.data.decode())
            seen.add(key)
            await event.ack()


async def main() -> None:
    nc = await connect_as_system()
    try:
        await follow(nc, int(sys.argv[1]), int(sys.argv[2]))
        await nc.flush()
    finally:
        await nc.close()


if __name__ == "__main__":
    asyncio.run(main())
