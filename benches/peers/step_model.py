"""A step model: how training feeds on storage, with one bandwidth number.

The class of model that some loaders ship for planning a run: it knows shards, the samples of each step, how far ahead a
node may download, and the bandwidth of a node. It goes through the epoch step by step; in each, a node downloads shards
in order of need for as long as the step lasts, and waits where a sample's shard is not there. It knows neither the
latency of a request, nor connections, nor that nodes share a file system: all that is in the one number.

Prints one JSON object: `epoch_s`, `first_batch_s` and `stall_s` of the slowest node; `cpu_s`, without the start.
"""

import argparse
import json
import math
import random
import time


class Node:
    """The shards of one node in order of need, as far as they are there."""

    def __init__(self, shard_bytes, samples_per_shard, bandwidth):
        self.shard_bytes, self.samples_per_shard, self.bandwidth = shard_bytes, samples_per_shard, bandwidth
        self.present = set()
        self.next_shard, self.left = 0, shard_bytes[0]

    def download(self, seconds, last_shard):
        """Downloads for some seconds, but no shard behind the last; returns the seconds it was busy."""
        budget = seconds * self.bandwidth
        while budget > 0 and self.next_shard <= last_shard:
            taken = min(budget, self.left)
            budget -= taken
            self.left -= taken
            if self.left > 0:
                break
            self.present.add(self.next_shard)
            self.next_shard += 1
            if self.next_shard == len(self.shard_bytes):
                break
            self.left = self.shard_bytes[self.next_shard]
        return seconds - budget / self.bandwidth

    def wait_for(self, samples):
        """Seconds until the shard of every sample is there."""
        missing = -1
        for sample in samples:
            shard = sample // self.samples_per_shard
            if shard not in self.present:
                missing = max(missing, shard)
        if missing < self.next_shard:
            return 0.0
        wanted = self.left + sum(self.shard_bytes[self.next_shard + 1 : missing + 1])
        return wanted / self.bandwidth


def shards(args, seed):
    """The bytes of one node's shards."""
    chance = random.Random(seed)
    mu = math.log(args.shard_bytes) - args.sigma**2 / 2
    count = math.ceil(args.samples / args.nodes / args.samples_per_shard)
    return [chance.lognormvariate(mu, args.sigma) for _ in range(count)]


def simulate(args):
    nodes = [
        Node(shards(args, args.seed * 1000 + node), args.samples_per_shard, args.node_bandwidth * 1e6)
        for node in range(args.nodes)
    ]
    per_step = args.batch * args.gpus
    steps = int(args.samples // (args.nodes * per_step))
    clock, first_batch, stalls = 0.0, 0.0, 0.0
    for step in range(steps):
        begin = step * per_step
        ahead = min(begin + per_step + args.ahead * per_step, steps * per_step) - 1
        last_shard = ahead // args.samples_per_shard
        waits = [node.wait_for(range(begin, begin + per_step)) for node in nodes]
        # Everyone waits for the slowest node, and downloads meanwhile.
        wait = max(waits)
        for node in nodes:
            node.download(wait * (1 + 1e-12) + args.step_s, last_shard)
        if step == 0:
            first_batch = wait
        stalls += wait
        clock += wait + args.step_s
    return {"epoch_s": clock, "first_batch_s": first_batch, "stall_s": stalls}


def main():
    parser = argparse.ArgumentParser(description="A step model with one bandwidth number.")
    parser.add_argument("--nodes", type=int, default=8)
    parser.add_argument("--gpus", type=int, default=8, help="of a node")
    parser.add_argument("--batch", type=int, default=256, help="of a GPU")
    parser.add_argument("--step-s", type=float, default=0.2)
    parser.add_argument("--samples", type=int, default=1_280_000)
    parser.add_argument("--samples-per-shard", type=int, default=1)
    parser.add_argument("--shard-bytes", type=float, default=110e3)
    parser.add_argument("--sigma", type=float, default=0.6)
    parser.add_argument("--ahead", type=int, default=3, help="steps that may be downloaded ahead")
    parser.add_argument("--node-bandwidth", type=float, required=True, help="MB/s")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    began = time.process_time()
    answer = simulate(args)
    print(json.dumps({**answer, "cpu_s": time.process_time() - began}))


if __name__ == "__main__":
    main()
