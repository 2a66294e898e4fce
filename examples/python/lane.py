"""The lane of a vendor. Run with docs/lane-vectors.json as the argument, it tests itself."""
import json
import sys


def lane_of(vendor: int, lanes: int = 16) -> int:
    """FNV-1a (32 bits) over the decimal id, modulo the number of lanes."""
    value = 0x811C9DC5
    for byte in str(vendor).encode("ascii"):
        value = ((value ^ byte) * 0x01000193) & 0xFFFFFFFF
    return value % lanes


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as file:
        vectors = json.load(file)["vectors"]
    checked = 0
    for vector in vectors:
        for lanes, lane in vector["lanes"].items():
            assert lane_of(vector["vendor"], int(lanes)) == lane, vector
            checked += 1
    print(f"{checked} lanes are right")
