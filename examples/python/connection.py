"""How an internal system connects: pip install nats-py nkeys"""
import os
import ssl

import nats

# The system's own name: its permissions allow no other.
SYSTEM = os.environ.get("SYSTEM", "billing")


async def connect_as_system():
    """NATS_URL, NATS_NKEY_SEED_FILE (what `npm run nats-user` made), and in production NATS_TLS_CA_FILE."""
    authority = os.environ.get("NATS_TLS_CA_FILE")
    return await nats.connect(
        os.environ.get("NATS_URL", "nats://127.0.0.1:4222"),
        name=SYSTEM,
        nkeys_seed=os.environ.get("NATS_NKEY_SEED_FILE", "NATS_NKEY_SEED"),
        # Answers come to an inbox of one's own; nobody else may listen there.
        inbox_prefix=f"_INBOX.{SYSTEM}",
        max_reconnect_attempts=-1,
        tls=ssl.create_default_context(cafile=authority) if authority else None,
    )
