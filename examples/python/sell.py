"""sell.py VENDOR PHONE AMOUNT KEY: sells one charge and prints its outcome.

Run it again with the same key: the same outcome, and nothing is sold twice.
"""
import asyncio
import json
import sys
import time
import uuid
from datetime import datetime, timezone

import nats.errors

from connection import SYSTEM, connect_as_system
from lane import lane_of

DEADLINE_S = 10
ATTEMPT_S = 2


async def sell(nc, vendor: int, phone: str, amount: str, key: str) -> dict:
    token = f"{uuid.uuid4().hex[:8]}.1"
    outcomes = await nc.subscribe(f"ledger.outcomes.{SYSTEM}.{token}")
    expires_at = time.time() + DEADLINE_S
    headers = {
        "Message-Id": key,
        "Content-Type": "application/json; schema=charge.v1",
        "Reply-Token": token,
        # After this the ledger does not execute it any more: a sale that nobody waits for is worse than none.
        "Expires-At": datetime.fromtimestamp(expires_at, timezone.utc).isoformat(timespec="milliseconds"),
    }
    body = json.dumps({"phone_number": phone, "amount": amount}).encode()
    subject = f"ledger.commands.{lane_of(vendor)}.{SYSTEM}.{vendor}"
    while time.time() < expires_at + ATTEMPT_S:
        try:
            # The acknowledgement says that the log has it, not that it is sold: what counts is the outcome.
            await nc.request(subject, body, timeout=ATTEMPT_S, headers=headers)
        except nats.errors.Error as error:
            print(f"not acknowledged ({error}); the same again", file=sys.stderr)
        try:
            message = await outcomes.next_msg(timeout=ATTEMPT_S)
            return json.loads(message.data)
        except nats.errors.TimeoutError:
            outcome = await ask(nc, vendor, key)
            if outcome is not None:
                return outcome
    raise TimeoutError(f"no outcome; ask again, or sell again under the same key: {key}")


async def ask(nc, vendor: int, key: str):
    """A reply may be lost when a connection breaks; the outcome is not."""
    question = json.dumps({"message_id": key}).encode()
    answer = await nc.request(f"ledger.query.outcome.{vendor}", question, timeout=ATTEMPT_S)
    return json.loads(answer.data).get("data", {}).get("outcome")


async def main() -> None:
    vendor, phone, amount, key = sys.argv[1:5]
    nc = await connect_as_system()
    try:
        print(json.dumps(await sell(nc, int(vendor), phone, amount, key)))
    finally:
        await nc.close()


if __name__ == "__main__":
    asyncio.run(main())
