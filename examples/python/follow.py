"""follow.py VENDOR COUNT: prints what becomes of the vendor's commands, from where it stopped the last time."""
import asyncio
import sys

import nats.errors

from connection import SYSTEM, connect_as_system

STREAM = "LEDGER_EVENTS"


async def follow(nc, vendor: int, count: int) -> None:
    # JetStream is in the account of the ledger; the system's own account imports what the system needs of it.
    js = nc.jetstream(domain="ledger")
    # The operator made this consumer; with _replay there is a second one.
    events = await js.pull_subscribe_bind(f"{SYSTEM}_{vendor}", STREAM)
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
