"""Workload W in SimPy, with one of two links.

A worker waits for a slot, a latency and a file over a link in max-min fair shares, and queues the sample; a GPU takes a
batch, computes, and all meet at a barrier. The two links give every transfer the same rate and differ in their cost:

progressive   keeps the transfers under way; each start and each end brings all of them up to date, fills the shares of
              connection, interface and file system anew, and sets one timer for the next end. The usual way to write it,
              at the price of one timer a change; interrupting a process for each transfer costs far more.
virtual-time  knows that equal shares grow alike, so a heap of finish values is all it needs: O(log n) a change. Right
              only while no interface binds by itself, as on S8.

Prints one JSON object: `epoch_s`, simulated; `cpu_s`, of the simulation alone, without the interpreter's start.
"""

import argparse
import heapq
import json
import math
import random
import time

import simpy

LATENCY_MEAN_S, LATENCY_SIGMA = 0.010, 0.5
FILE_MEAN_BYTES, FILE_SIGMA = 110e3, 0.6
CONNECTION_BYTES_PER_S = 100e6
GPUS_PER_NODE, WORKERS, BATCH, SLOTS, STEP_S = 8, 8, 256, 1024, 0.2


def lognormal_mu(mean, sigma):
    """The mean of the logarithm that gives a lognormal spread this mean."""
    return math.log(mean) - sigma * sigma / 2


class Transfer:
    __slots__ = ("done", "left", "node", "rate")

    def __init__(self, done, size, node):
        self.done, self.left, self.node, self.rate = done, size, node, 0.0


class ProgressiveLink:
    """Shares recomputed over all transfers at every change."""

    def __init__(self, env, nodes, nic, total):
        self.env, self.nic, self.total = env, nic, total
        self.under_way, self.per_node = [], [0] * nodes
        self.at, self.timer = 0.0, 0

    def transfer(self, size, node):
        self.settle()
        transfer = Transfer(self.env.event(), size, node)
        self.under_way.append(transfer)
        self.per_node[node] += 1
        self.reshare()
        return transfer.done

    def settle(self):
        passed, self.at = self.env.now - self.at, self.env.now
        for transfer in self.under_way:
            transfer.left -= transfer.rate * passed

    def reshare(self):
        """Fills the shares, the most limited node first, and sets the timer for the next end."""
        self.timer += 1
        if not self.under_way:
            return
        wanted = sorted(
            (min(CONNECTION_BYTES_PER_S, self.nic / count), node)
            for node, count in enumerate(self.per_node)
            if count
        )
        rates, left, transfers = {}, self.total, len(self.under_way)
        for want, node in wanted:
            rates[node] = min(want, left / transfers)
            left -= rates[node] * self.per_node[node]
            transfers -= self.per_node[node]
        soonest = math.inf
        for transfer in self.under_way:
            transfer.rate = rates[transfer.node]
            soonest = min(soonest, transfer.left / transfer.rate)
        timer = self.env.timeout(max(soonest, 0.0), self.timer)
        timer.callbacks.append(self.is_due)

    def is_due(self, timer):
        if timer.value != self.timer:
            return
        self.settle()
        # A thousandth of a byte is what floating point may leave of a transfer that has ended.
        ended = [transfer for transfer in self.under_way if transfer.left < 1e-3]
        self.under_way = [transfer for transfer in self.under_way if transfer.left >= 1e-3]
        for transfer in ended:
            self.per_node[transfer.node] -= 1
            transfer.done.succeed()
        self.reshare()


class VirtualTimeLink:
    """Equal shares as one clock: what each transfer has been given since time zero."""

    def __init__(self, env, nodes, nic, total):
        if nodes > 1:
            raise SystemExit("the virtual-time link is for one node")
        self.env, self.capacity = env, min(nic, total)
        self.finishes, self.served, self.rate = [], 0.0, 0.0
        self.at, self.timer, self.started = 0.0, 0, 0

    def transfer(self, size, _node):
        self.settle()
        done = self.env.event()
        self.started += 1
        heapq.heappush(self.finishes, (self.served + size, self.started, done))
        self.reshare()
        return done

    def settle(self):
        self.served += self.rate * (self.env.now - self.at)
        self.at = self.env.now

    def reshare(self):
        self.timer += 1
        if not self.finishes:
            return
        self.rate = min(CONNECTION_BYTES_PER_S, self.capacity / len(self.finishes))
        after = max((self.finishes[0][0] - self.served) / self.rate, 0.0)
        self.env.timeout(after, self.timer).callbacks.append(self.is_due)

    def is_due(self, timer):
        if timer.value != self.timer:
            return
        self.settle()
        while self.finishes and self.finishes[0][0] - self.served < 1e-3:
            heapq.heappop(self.finishes)[2].succeed()
        self.reshare()


class Barrier:
    """Lets its parties on when the last of them has come."""

    def __init__(self, env, parties):
        self.env, self.parties, self.here, self.open = env, parties, 0, env.event()

    def wait(self):
        self.here += 1
        opens = self.open
        if self.here == self.parties:
            self.here, self.open = 0, self.env.event()
            opens.succeed()
        return opens


class Gpu:
    def __init__(self, env, samples):
        self.unread = samples
        self.slots = simpy.Container(env, init=SLOTS)
        self.queue = simpy.Container(env)


def worker(env, gpu, node, link, chance):
    latency = lognormal_mu(LATENCY_MEAN_S, LATENCY_SIGMA)
    size = lognormal_mu(FILE_MEAN_BYTES, FILE_SIGMA)
    while gpu.unread > 0:
        gpu.unread -= 1
        yield gpu.slots.get(1)
        yield env.timeout(chance.lognormvariate(latency, LATENCY_SIGMA))
        yield link.transfer(chance.lognormvariate(size, FILE_SIGMA), node)
        yield gpu.queue.put(1)


def trainer(env, gpu, steps, barrier):
    for _ in range(steps):
        yield gpu.queue.get(BATCH)
        yield gpu.slots.put(BATCH)
        yield env.timeout(STEP_S)
        yield barrier.wait()


def simulate(link_of, gpus, nic, total, samples, seed):
    env, chance = simpy.Environment(), random.Random(seed)
    nodes = gpus // GPUS_PER_NODE
    link = link_of(env, nodes, nic, total)
    barrier = Barrier(env, gpus)
    steps = samples // (gpus * BATCH)
    for index in range(gpus):
        gpu = Gpu(env, steps * BATCH)
        for _ in range(WORKERS):
            env.process(worker(env, gpu, index // GPUS_PER_NODE, link, chance))
        env.process(trainer(env, gpu, steps, barrier))
    env.run()
    return env.now


def main():
    parser = argparse.ArgumentParser(description="Workload W in SimPy.")
    links = {"progressive": ProgressiveLink, "virtual-time": VirtualTimeLink}
    parser.add_argument("--link", choices=links, required=True)
    parser.add_argument("--gpus", type=int, default=8)
    parser.add_argument("--nic", type=float, default=1250, help="MB/s of a node's interface")
    parser.add_argument("--rate", type=float, default=500, help="MB/s of the file system")
    parser.add_argument("--samples", type=int, default=65_536)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    began = time.process_time()
    epoch = simulate(links[args.link], args.gpus, args.nic * 1e6, args.rate * 1e6, args.samples, args.seed)
    print(json.dumps({"epoch_s": epoch, "cpu_s": time.process_time() - began}))


if __name__ == "__main__":
    main()
